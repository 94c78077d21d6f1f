// Starts a matching run, waits for it, sees what a no would cost, and approves a match.
//   CRG_API=http://127.0.0.1:8080 CRG_MATCHER_KEY=crg_... CRG_APPROVER_KEY=crg_... npm run example
import { setTimeout as pause } from "node:timers/promises";
import { connect, must, newKey } from "./client.js";

const setting = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};

/** Asks again until there is an answer. */
async function until<T>(ask: () => Promise<T | undefined>, patience = 60_000): Promise<T> {
  for (const end = Date.now() + patience; Date.now() < end; await pause(200)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
  throw new Error("it took too long");
}

const matcher = connect(setting("CRG_API"), setting("CRG_MATCHER_KEY"));
const approver = connect(setting("CRG_API"), setting("CRG_APPROVER_KEY"));

const started = must(await matcher.POST("/api/v1/matching-runs", { params: { header: newKey() }, body: {} }));
const run = await until(async () => {
  const now = must(await matcher.GET("/api/v1/matching-runs/{run}", { params: { path: { run: started.id } } }));
  if (now.state === "failed" || now.state === "cancelled") throw new Error(`the run ended ${now.state}`);
  return now.state === "completed" ? now : undefined;
});
console.log(`run ${run.id}: ${run.counts?.proposals} proposals, achieved ${run.achieved?.amount} of ${run.bound?.amount}`);

const waiting = await until(async () => {
  const list = must(await approver.GET("/api/v1/approvals", { params: { query: { limit: 100 } } }));
  return list.items.find((item) => item.match.run === run.id && item.sign_as.includes("city"));
});
const match = waiting.match.id;
console.log(`${match}: ${waiting.refusing?.sentence ?? waiting.refusing_unknown}`);

const decision = must(
  await approver.POST("/api/v1/matches/{match}/decisions", {
    params: { path: { match }, header: newKey() },
    body: { decision: "approve", party: "city" },
  }),
);
const outcome = await until(async () => {
  const now = must(await approver.GET("/api/v1/matches/{match}", { params: { path: { match } } }));
  return now.decisions?.find((d) => d.id === decision.id && d.outcome !== "pending");
});
console.log(`approved ${match}: ${outcome.outcome}`);
