import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.neo4j.dbms.api.DatabaseManagementServiceBuilder;

/** Runs Neo4j Community with its data in HOME. With PASSWORD-FILE, for the first start, that becomes the password. */
class Graph {
    public static void main(String[] args) throws Exception {
        if (args.length < 2) {
            System.err.println("usage: Graph HOME SETTINGS [PASSWORD-FILE]");
            System.exit(2);
        }
        var service = new DatabaseManagementServiceBuilder(Path.of(args[0]))
                .loadPropertiesFromFile(Path.of(args[1]))
                .build();
        Runtime.getRuntime().addShutdownHook(new Thread(service::shutdown));
        if (args.length > 2) {
            service.database("system").executeTransactionally(
                    "ALTER USER neo4j SET PASSWORD $password CHANGE NOT REQUIRED",
                    Map.of("password", Files.readString(Path.of(args[2])).strip()));
        }
        System.out.println("ready");
    }
}
