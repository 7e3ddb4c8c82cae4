// ClickHouse's Java client (client-v2), unmodified, against the warehouse.
// usage: java -cp 'libs/*' Check.java URL [ROWS]   (CLICKHOUSE_USER and CLICKHOUSE_PASSWORD name the user)

import com.clickhouse.client.api.Client;
import com.clickhouse.client.api.ServerException;
import com.clickhouse.client.api.data_formats.ClickHouseBinaryFormatReader;
import com.clickhouse.client.api.insert.InsertResponse;
import com.clickhouse.client.api.insert.InsertSettings;
import com.clickhouse.client.api.query.GenericRecord;
import com.clickhouse.client.api.query.QueryResponse;
import com.clickhouse.client.api.query.QuerySettings;
import com.clickhouse.data.ClickHouseFormat;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;

public class Check {
    static final String DATABASE = "client_java";
    static final String TRICKY = "標準作業\t\n\\ it's";
    static String url;
    static long rows;
    static int done = 0;

    // What the client inserts as objects.
    public static class Row {
        private final long id;
        private final String name;
        private final List<String> tags;

        public Row(long id, String name, List<String> tags) {
            this.id = id;
            this.name = name;
            this.tags = tags;
        }

        public long getId() {
            return id;
        }

        public String getName() {
            return name;
        }

        public List<String> getTags() {
            return tags;
        }
    }

    static void check(String name, Callable<String> body) throws Exception {
        long begin = System.nanoTime();
        String note = body.call();
        done++;
        System.out.printf("ok %d java: %s (%d ms) %s%n", done, name, (System.nanoTime() - begin) / 1_000_000, note);
    }

    static void expect(boolean condition, Object what) {
        if (!condition) throw new AssertionError(String.valueOf(what));
    }

    static Client.Builder builder() {
        return new Client.Builder().addEndpoint(url)
                .setUsername(System.getenv().getOrDefault("CLICKHOUSE_USER", "default"))
                .setPassword(System.getenv().getOrDefault("CLICKHOUSE_PASSWORD", ""))
                .setDefaultDatabase("default");
    }

    static ServerException serverError(Throwable error) {
        for (Throwable e = error; e != null; e = e.getCause()) {
            if (e instanceof ServerException) return (ServerException) e;
        }
        throw new AssertionError("not a server's error: " + error, error);
    }

    static long count(Client client) throws Exception {
        return client.queryAll("SELECT count() AS n FROM t").get(0).getLong("n");
    }

    static void withCompression(Client.Builder builder, String label, int objects, long rows) throws Exception {
        try (Client client = builder.setDefaultDatabase(DATABASE).build()) {
            client.register(Row.class, client.getTableSchema("t"));

            check("insert objects, " + label, () -> {
                client.execute("TRUNCATE TABLE t").get().close();
                try (InsertResponse response = client.insert("t",
                        List.of(new Row(1, TRICKY, List.of("a", "b\"c")), new Row(2, "", List.of()))).get()) {
                    expect(response.getWrittenRows() == 2, response.getWrittenRows());
                }
                return "";
            });

            check("insert " + objects + " objects, " + label, () -> {
                List<Row> many = new ArrayList<>();
                for (int i = 0; i < objects; i++) many.add(new Row(10 + i, "name " + i, List.of("x")));
                client.insert("t", many).get().close();
                expect(count(client) == objects + 2, count(client));
                return "";
            });

            check("insert a stream of text, " + label, () -> {
                StringBuilder text = new StringBuilder();
                for (int i = 0; i < 1000; i++) text.append(1_000_000 + i).append("\ttext\t['y']\n");
                InputStream stream = new ByteArrayInputStream(text.toString().getBytes(StandardCharsets.UTF_8));
                client.insert("t", stream, ClickHouseFormat.TSV, new InsertSettings()).get().close();
                expect(count(client) == objects + 1002, count(client));
                return "";
            });

            check("select with parameters, " + label, () -> {
                Map<String, Object> parameters = new HashMap<>();
                parameters.put("name", "name 77");
                parameters.put("top", 1_000_000);
                try (QueryResponse response = client.query(
                        "SELECT id, name, tags FROM t WHERE name = {name:String} AND id < {top:UInt64}",
                        parameters, new QuerySettings()).get()) {
                    ClickHouseBinaryFormatReader reader = client.newBinaryFormatReader(response);
                    expect(reader.next() != null, "no row");
                    expect(reader.getLong("id") == 87, reader.getLong("id"));
                    expect(reader.getString("name").equals("name 77"), reader.getString("name"));
                    expect(reader.getList("tags").equals(List.of("x")), reader.getList("tags"));
                    expect(reader.next() == null, "a second row");
                }
                List<GenericRecord> records = client.queryAll("SELECT name FROM t WHERE id = 1");
                expect(records.get(0).getString("name").equals(TRICKY), records.get(0).getString("name"));
                return "";
            });

            check("stream " + rows + " rows, " + label, () -> {
                long begin = System.nanoTime();
                long seen = 0;
                String last = "";
                try (QueryResponse response = client
                        .query("SELECT number, toString(number) AS text FROM numbers(" + rows + ")").get()) {
                    ClickHouseBinaryFormatReader reader = client.newBinaryFormatReader(response);
                    while (reader.hasNext()) {
                        reader.next();
                        seen++;
                        if (seen == rows) last = reader.getString("text");
                    }
                }
                expect(seen == rows, seen);
                expect(last.equals(String.valueOf(rows - 1)), last);
                double seconds = (System.nanoTime() - begin) / 1e9;
                Runtime runtime = Runtime.getRuntime();
                return String.format("%.0f rows/s, heap %d MiB here", rows / seconds,
                        (runtime.totalMemory() - runtime.freeMemory()) >> 20);
            });

            check("errors carry their code, " + label, () -> {
                try {
                    client.query("SELECT * FROM no_such_table").get().close();
                    throw new AssertionError("no error was raised");
                } catch (ExecutionException | ServerException e) {
                    expect(serverError(e).getCode() == 60, serverError(e).getCode());
                    expect(serverError(e).getMessage().contains("UNKNOWN_TABLE"), serverError(e).getMessage());
                }
                return "";
            });
        }
    }

    public static void main(String[] args) throws Exception {
        url = args[0];
        rows = args.length > 1 ? Long.parseLong(args[1]) : 5_000_000;
        try (Client admin = builder().build()) {
            check("ping", () -> {
                expect(admin.ping(), "no answer to ping");
                return "";
            });
            check("create a database and a table", () -> {
                admin.execute("DROP DATABASE IF EXISTS " + DATABASE).get().close();
                admin.execute("CREATE DATABASE " + DATABASE + " ENGINE = Atomic").get().close();
                admin.execute("CREATE TABLE " + DATABASE + ".t (id UInt64, name String, tags Array(String)) "
                        + "ENGINE = MergeTree ORDER BY id").get().close();
                return "";
            });
            withCompression(builder(), "as the client comes", 200_000, rows);
            withCompression(builder().compressServerResponse(false).compressClientRequest(false), "plain", 200_000, rows);
            withCompression(builder().compressServerResponse(true).compressClientRequest(true), "blocks both ways", 200_000, rows);
            // The client is slow with LZ4 frames (a thousand rows a second packed, 40,000 unpacked), so few of them.
            withCompression(builder().compressServerResponse(true).compressClientRequest(true)
                    .useHttpCompression(true), "lz4 by HTTP both ways", 2_000, Math.min(rows, 100_000));
            check("settings and query id", () -> {
                QuerySettings settings = new QuerySettings().setQueryId("java-query").serverSetting("max_threads", "1");
                try (QueryResponse response = admin.query("SELECT toUInt32(getSetting('max_threads')) AS n", settings)
                        .get()) {
                    expect(response.getQueryId().equals("java-query"), response.getQueryId());
                    ClickHouseBinaryFormatReader reader = admin.newBinaryFormatReader(response);
                    reader.next();
                    expect(reader.getLong("n") == 1, reader.getLong("n"));
                }
                return "";
            });
            admin.execute("DROP DATABASE " + DATABASE).get().close();
        }
        System.out.println("java: all " + done + " checks passed");
        System.exit(0);
    }
}
