package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/city-resource-graph/crg/city"
	"github.com/city-resource-graph/crg/edgelist"
	"github.com/city-resource-graph/crg/matching"
	"github.com/city-resource-graph/crg/matching/explain"
)

// explainFlags are what crg explain is told.
type explainFlags struct {
	files          edgelist.Files
	need, resource string
	snapshot       string
	json           bool
}

func newExplainCommand() *cobra.Command {
	var f explainFlags
	command := &cobra.Command{
		Use:   "explain DIR --need N [--resource R]",
		Short: "Say why a need got what it got, or why not, in words and money",
		Long: `Explains a result folder of crg solve, or the proof folder of a matching run.

With --need alone: what the need got and why, and for what it did not get who outbid it and by how much, or that no
candidate was left. With --resource too: why that pair was matched; or why not, with the loss of forcing one unit onto
it, certified by the prices, and exactly.

--snapshot FILE, a run's frozen snapshot (JSON, or .gz), knows what made the candidates: which filter removed a pair or
a need's last resource, what was rejected before or is promised by approved matches, and the parts of a score. Amounts
are then money; without it they are in the units of the input.

With trip charges the exact loss is NP-hard to know: what a search finds with the unit forced stands beside the certified
least loss, and the JSON has the exact loss of the bound. The input is read again from where crg solve found it; --needs,
--resources and --edges say where it is now.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("want one result folder: see crg %s --help", cmd.Name())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runExplain(cmd.Context(), args[0], f, cmd.OutOrStdout())
		},
	}
	flags := command.Flags()
	flags.StringVar(&f.need, "need", "", "id of the need")
	flags.StringVar(&f.resource, "resource", "", "id of a resource: explain this pair")
	flags.StringVar(&f.snapshot, "snapshot", "", "frozen snapshot of the matching run: names filters, score parts and money")
	flags.BoolVar(&f.json, "json", false, "print one JSON object")
	flags.StringVar(&f.files.Needs, "needs", "", "CSV file of needs, if it was moved")
	flags.StringVar(&f.files.Resources, "resources", "", "CSV file of resources, if it was moved")
	flags.StringVar(&f.files.Edges, "edges", "", "CSV file of edges, if it was moved")
	requireFlags(command, "need")
	return command
}

func runExplain(ctx context.Context, dir string, f explainFlags, out io.Writer) error {
	in, solution, err := loadResult(dir, f.files)
	if err != nil {
		return err
	}
	need, resource, err := f.indices(in)
	if err != nil {
		return err
	}
	c := plainCase(in, solution)
	if f.snapshot != "" {
		o, err := originOf(ctx, dir, f.snapshot, in)
		if err != nil {
			return err
		}
		c, need = o.explained(in, solution), o.needs[need]
		if f.resource != "" {
			resource = o.resources[resource]
		}
	}
	e := explain.New(c)
	if f.resource == "" {
		answer, err := e.Explain(ctx, need)
		if err != nil {
			return err
		}
		return printAnswer(out, f.json, answer, lines(answer))
	}
	answer, err := e.Pair(ctx, need, resource, true)
	if err != nil {
		return err
	}
	return printAnswer(out, f.json, answer, []string{answer.Sentence})
}

// indices finds what is asked about.
func (f *explainFlags) indices(in *edgelist.Instance) (need, resource int32, err error) {
	need, found := in.NeedIndex(f.need)
	if !found {
		return 0, 0, noSuch("need", f.need, in.Needs, in.Resources)
	}
	if f.resource == "" {
		return need, 0, nil
	}
	resource, found = in.ResourceIndex(f.resource)
	if !found {
		return 0, 0, noSuch("resource", f.resource, in.Resources, in.Needs)
	}
	return need, resource, nil
}

// noSuch refuses an id, and says what may be meant: it is one of the other side, or nearly one of this.
func noSuch(side, id string, ids, otherSide []string) error {
	hint := ""
	if slices.Contains(otherSide, id) {
		hint = ": it is on the other side, --need and --resource are swapped"
	} else if near := city.Nearest(id, ids); near != "" {
		hint = fmt.Sprintf("; did you mean %q?", near)
	}
	return usagef("--%s %q: there is no such %s in the input%s", side, id, side, hint)
}

// loadResult reads the folder and its input, verified.
func loadResult(dir string, files edgelist.Files) (*edgelist.Instance, *matching.Solution, error) {
	if err := edgelist.CheckResultFolder(dir); err != nil {
		return nil, nil, usage(err)
	}
	known, err := edgelist.FilesOf(dir)
	if err != nil && (files.Needs == "" || files.Resources == "" || files.Edges == "") {
		return nil, nil, usage(err)
	}
	for to, path := range map[*string]string{&files.Needs: known.Needs, &files.Resources: known.Resources, &files.Edges: known.Edges} {
		if *to == "" {
			*to = path
		}
	}
	in, solution, err := edgelist.Load(dir, files)
	var input *edgelist.InputError
	switch {
	case errors.As(err, &input):
		return nil, nil, usage(err)
	case err != nil:
		return nil, nil, fmt.Errorf("%s does not hold: %w", dir, err)
	}
	return in, solution, nil
}

// plainCase knows the tables alone.
func plainCase(in *edgelist.Instance, solution *matching.Solution) explain.Case {
	return explain.Case{
		Problem: in.Problem, Solution: solution, Floors: floorsIn(in), Tier: tiersIn(in), Weights: weightsIn(in), Plain: in.Unweighted,
		Need:     func(i int32) string { return in.Needs[i] },
		Resource: func(r int32) string { return in.Resources[r] },
	}
}

// explained knows the snapshot, too; needs and resources are in its order.
func (o *origin) explained(in *edgelist.Instance, solution *matching.Solution) explain.Case {
	needOrder, resourceOrder := inverse(o.needs), inverse(o.resources)
	problem, solution := edgelist.Reordered(in.Problem, solution, needOrder, resourceOrder)
	s := o.snapshot
	c := explain.Case{
		Problem: problem, Solution: solution, Index: o.index, Tier: o.graph.Tier, Currency: string(s.Currency),
		Need:     func(i int32) string { return string(s.Needs[i].ID) },
		Resource: func(r int32) string { return string(s.Resources[r].ID) },
		Money:    func(minor int64) string { return city.FormatMinor(minor, s.Currency) + " " + string(s.Currency) },
	}
	lots := make([]int64, 0, len(problem.Edges))
	for i := range problem.NeedQuantity {
		for _, e := range problem.Row(i) {
			lots = append(lots, o.index.Lot(int32(i), e.Resource)) //nolint:gosec // a problem has fewer than 2^31 of each
		}
	}
	if slices.ContainsFunc(lots, func(lot int64) bool { return lot > 1 }) {
		c.Lots = lots
	}
	return c
}

func inverse(places []int32) []int32 {
	at := make([]int32, len(places))
	for k, place := range places {
		at[place] = int32(k) //nolint:gosec // a problem has fewer than 2^31 of each
	}
	return at
}

// lines are the sentences about a need: what it got, and why from whom.
func lines(n *explain.Need) []string {
	sentences := []string{n.Sentence}
	for _, m := range n.Matches {
		sentences = append(sentences, m.Sentence)
	}
	return sentences
}

func printAnswer(out io.Writer, asJSON bool, answer any, sentences []string) error {
	if asJSON {
		return json.NewEncoder(out).Encode(answer)
	}
	for _, sentence := range sentences {
		if _, err := fmt.Fprintln(out, sentence); err != nil {
			return err
		}
	}
	return nil
}

// floorsIn are the floors that a loaded result kept.
func floorsIn(in *edgelist.Instance) []explain.Floor {
	var floors []explain.Floor
	for k := range in.Floors {
		f := &in.Floors[k]
		group := in.Group(f)
		floors = append(floors, explain.Floor{
			Title: "ward " + strings.Join(f.Wards, ", "), Bonus: f.Bonus, Least: f.Least, Reached: f.Reached,
			For: func(need, _ int32) bool { return group(need) },
		})
	}
	return floors
}

// tiersIn is the order in which a loaded result served the needs; nil where it served by value alone.
func tiersIn(in *edgelist.Instance) []int {
	if !in.InOrder {
		return nil
	}
	return in.Tiers
}

// weightsIn is what a loaded result's values were multiplied by; nil where they count as they are.
func weightsIn(in *edgelist.Instance) []int64 {
	if in.Unweighted == nil {
		return nil
	}
	return in.Weights
}
