using Npgsql;
using Prometheus.Grid.Client;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Backfill;
using Prometheus.Grid.Core.Entities;
using Prometheus.Grid.Core.Grid;
using Prometheus.Grid.Synthetic;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Cluster.Processes;

/// <summary>The roles of deploy/postgres/roles.sql: the command and a silo do their work under them, and each can no more than that.</summary>
public sealed class RolesTests(RolesTests.Database database) : IClassFixture<RolesTests.Database>
{
    private const string Day = "2023-11-30";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static void NeedPostgres() => Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");

    public static TheoryData<string, string> Forbidden
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (string role in (string[])["grid_owner", "grid_silo", "grid_reader"])
            {
                all.Add(role, "SELECT * FROM payroll.salaries");
                all.Add(role, "CREATE TABLE payroll.mine (x int)");
                all.Add(role, "COPY (SELECT 1) TO PROGRAM 'true'");
                all.Add(role, "CREATE TEMP TABLE t AS SELECT '' AS line; COPY t FROM PROGRAM 'id'");
                all.Add(role, "SELECT pg_read_file('/etc/passwd')");
                all.Add(role, "SELECT lo_import('/etc/passwd')");
                all.Add(role, "SELECT rolpassword FROM pg_authid");
                all.Add(role, "CREATE ROLE mine SUPERUSER");
                all.Add(role, "CREATE DATABASE mine");
                all.Add(role, "CREATE SCHEMA mine");
                all.Add(role, "ALTER SYSTEM SET shared_preload_libraries = 'mine'");
            }
            foreach (string role in (string[])["grid_silo", "grid_reader"])
            {
                all.Add(role, "DROP TABLE joint_embeddings");
                all.Add(role, "TRUNCATE joint_embeddings");
                all.Add(role, "ALTER TABLE joint_embeddings ADD COLUMN mine int");
                all.Add(role, "CREATE TABLE mine (x int)");
                all.Add(role, "CREATE TEMP TABLE mine (x int)");
                all.Add(role, "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'");
                all.Add(role, "UPDATE orleansquery SET querytext = 'DROP TABLE issuers'");
                all.Add(role, "DELETE FROM grid_schema_versions");
                all.Add(role, "INSERT INTO prices_daily (instrument_id, trade_date, close) VALUES ('X', '2023-11-30', 1)");
                all.Add(role, "DELETE FROM portfolio_positions");
                all.Add(role, "SET ROLE grid_owner");
            }
            all.Add("grid_reader", "DELETE FROM joint_embeddings");
            all.Add("grid_reader", "UPDATE grid_silos SET status = 6");
            all.Add("grid_reader", "INSERT INTO grid_artifacts (model_id, as_of_date, name, content, sha256) VALUES ('m', '2023-11-30', 'n', '', '')");
            return all;
        }
    }

    [Fact]
    public async Task The_command_and_a_silo_work_under_them()
    {
        NeedPostgres();
        Assert.Contains("forbids it", (await GridAsync("grid_reader", "backfill-numeric-portfolio-embeddings", "--as-of", Day, "--model-id", "num-portfolio-core-v1")).Output, StringComparison.Ordinal);
        Succeeded(await GridAsync("grid_silo", "backfill-numeric-portfolio-embeddings", "--as-of", Day, "--model-id", "num-portfolio-core-v1"));
        Assert.Contains("forbids it", (await GridAsync("grid_silo", "import", database.Tables)).Output, StringComparison.Ordinal);
        Assert.Equal(1, (await GridAsync("grid_silo", "migrate")).ExitCode);

        await using (var silo = await SiloProcess.StartAsync(database.As("grid_silo"), cancellationToken: Token))
        await using (var grid = await new ClusterConnection { Postgres = database.As("grid_reader") }.OpenAsync(Token))
        {
            var report = await grid.BackfillAsync(new JointPortfolioBackfill { ModelId = "joint-portfolio-core-v1", Dates = DateRange.On(new DateOnly(2023, 11, 30)) }, null, Token);
            Assert.Equal(10, report.Written);
            await grid.PutBranchAsync(new BranchPut(new EntityKey(EntityKind.Portfolio, "PF_MINE"), "num-portfolio-core-v1", new DateOnly(2023, 11, 30), Enumerable.Repeat(1f, 384).ToArray()), Token);
            var answer = await grid.FindSimilarAsync(
                new SimilarityQuery { Target = new SimilarityTarget.Entity("PF_000001"), AsOf = new DateOnly(2023, 11, 30), ModelId = "joint-portfolio-core-v1", TopK = 5 }, Token);
            Assert.Equal(5, answer.Hits.Count);
            using var http = new HttpClient();
            Assert.Equal("ready", await http.GetStringAsync(new Uri(silo.Health, "/health/ready"), Token));
            Assert.Equal(0, await silo.StopAsync(Token));
        }

        Succeeded(await GridAsync("grid_reader", "find-similar-portfolios", "--portfolio-id", "PF_000001", "--as-of", Day, "--model-id", "joint-portfolio-core-v1"));
        Succeeded(await GridAsync("grid_reader", "show-joint-portfolios", "--as-of", Day, "--model-id", "joint-portfolio-core-v1"));
        Succeeded(await GridAsync("grid_reader", "verify"));
        Succeeded(await GridAsync("grid_silo", "vacuum"));
    }

    [Theory]
    [MemberData(nameof(Forbidden))]
    public async Task They_cannot(string role, string statement)
    {
        NeedPostgres();
        await using var source = NpgsqlDataSource.Create(database.As(role) + ";Pooling=false");
        await using var command = source.CreateCommand(statement);
        var error = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync(Token));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, error.SqlState);
    }

    [Fact]
    public async Task Somebody_else_who_may_log_in_sees_nothing()
    {
        NeedPostgres();
        await using var source = NpgsqlDataSource.Create(database.As("somebody_else") + ";Pooling=false");
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, (await Assert.ThrowsAsync<PostgresException>(async () => await source.OpenConnectionAsync(Token))).SqlState);
    }

    [Fact]
    public async Task Every_table_of_the_grid_belongs_to_the_owner_and_can_be_read_by_all_three()
    {
        NeedPostgres();
        await using var source = NpgsqlDataSource.Create(database.As("grid_reader"));
        await using var tables = source.CreateCommand(
            "SELECT count(*), count(*) FILTER (WHERE tableowner = 'grid_owner' AND has_table_privilege('grid_silo', format('public.%I', tablename), 'SELECT')) FROM pg_tables WHERE schemaname = 'public'");
        await using var counts = await tables.ExecuteReaderAsync(Token);
        Assert.True(await counts.ReadAsync(Token));
        Assert.True(counts.GetInt64(0) > 20);
        Assert.Equal(counts.GetInt64(0), counts.GetInt64(1));
    }

    private static void Succeeded(SiloRun run) => Assert.True(run.ExitCode == 0, run.Output);

    private Task<SiloRun> GridAsync(string role, params string[] arguments) => SiloRun.GridAsync([.. arguments, "--postgres", database.As(role)], Token);

    /// <summary>A database whose superuser ran the script before and after its owner migrated, with another schema beside the grid's.</summary>
    public sealed class Database : IAsyncLifetime
    {
        private PrivatePostgres? _server;
        private string _superuser = "";

        public string Tables { get; } = Directory.CreateTempSubdirectory("grid-roles-").FullName;

        public string As(string role) => new NpgsqlConnectionStringBuilder(_superuser) { Username = role }.ConnectionString;

        public async ValueTask InitializeAsync()
        {
            // A fixture that throws fails its tests, so it is they who skip.
            if (PrivatePostgres.WhyNot is not null)
                return;
            _server = await PrivatePostgres.StartAsync(cancellationToken: Token);
            _superuser = await _server.CreateDatabaseAsync("grid", cancellationToken: Token);
            string roles = await File.ReadAllTextAsync(Path.Combine(TestData.RepositoryRoot, "deploy", "postgres", "roles.sql"), Token);
            await using var source = NpgsqlDataSource.Create(_superuser);
            async Task RunAsync(string sql)
            {
                await using var command = source.CreateCommand(sql);
                await command.ExecuteNonQueryAsync(Token);
            }

            // A table of the seed that the database's first user made.
            await RunAsync("CREATE SCHEMA payroll; CREATE TABLE payroll.salaries (x int); CREATE ROLE somebody_else LOGIN; CREATE TABLE markets (market_id varchar(64) PRIMARY KEY, name text, region varchar(64), timezone varchar(64), metadata jsonb)");
            await RunAsync(roles);
            Succeeded(await SiloRun.GridAsync(["migrate", "--postgres", As("grid_owner")], Token));
            var day = new DateOnly(2023, 11, 30);
            var market = new SyntheticMarketOptions { Issuers = 10, Portfolios = 10, FirstDate = new DateOnly(2023, 11, 1), LastDate = day, ReportDates = [day] };
            await SyntheticMarket.WriteAsync(Tables, market, cancellationToken: Token);
            Succeeded(await SiloRun.GridAsync(["import", Tables, "--postgres", As("grid_owner")], Token));
            await RunAsync(roles);
        }

        public async ValueTask DisposeAsync()
        {
            if (_server is not null)
                await _server.DisposeAsync();
            Directory.Delete(Tables, recursive: true);
        }
    }
}
