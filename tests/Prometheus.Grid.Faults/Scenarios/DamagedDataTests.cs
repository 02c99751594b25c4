using Npgsql;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Faults.Registry;
using Prometheus.Grid.Storage.Folder;
using Prometheus.Grid.Storage.Postgres;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Faults.Scenarios;

/// <summary>Stored vectors that are not as they were written, by one bit or by a file: never answered from, named, and the rest is served.</summary>
[Trait(Scenario.Trait, "10")]
public sealed class DamagedDataTests
{
    private const int Dimension = 384, Rows = 20;
    private static readonly PartitionKey s_damaged = new(BranchKind.Numeric, "num-profile-core-v1", new DateOnly(2024, 3, 1));
    private static readonly PartitionKey s_whole = s_damaged with { AsOf = new DateOnly(2024, 3, 4) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task In_any_file_of_a_data_folder() => FaultRun.RunAsync(10, "folder", async run =>
    {
        string folder = Directory.CreateTempSubdirectory("grid-damage-").FullName;
        await using (var store = await FolderStore.OpenAsync(folder, new FolderStoreOptions(), Token))
            await PutAsync(store.Vectors);
        string partition = Path.Combine(folder, "vectors", "numeric", s_damaged.ModelId, "2024-03-01");
        for (int i = 0; i < FaultRun.Length(60, 3_000); i++)
        {
            run.Trial();
            string file = Path.Combine(partition, ((string[])["1.npy", "1.ids.csv", "current.json"])[run.Random.Next(3)]);
            byte[] bytes = await File.ReadAllBytesAsync(file, Token);
            string damage = await DamageAsync(run, file, bytes);
            run.Inject(damage);
            await using (var store = await FolderStore.OpenAsync(folder, new FolderStoreOptions(), Token))
                await AssertFoundAsync(run, store.Vectors, $"{damage} in {file}");
            await File.WriteAllBytesAsync(file, bytes, Token);
        }
        Directory.Delete(folder, recursive: true);
    });

    [Fact]
    public Task In_any_byte_of_a_vector_on_Postgres() => FaultRun.RunAsync(10, "Postgres", async run =>
    {
        Assert.SkipWhen(PrivatePostgres.WhyNot is not null, PrivatePostgres.WhyNot ?? "");
        await using var server = await PrivatePostgres.StartAsync(cancellationToken: Token);
        string database = await server.CreateDatabaseAsync("damage", cancellationToken: Token);
        await PostgresStore.MigrateAsync(database, isDryRun: false, Token);
        await using var store = await PostgresStore.OpenAsync(database, RealCluster.Models, null, Token);
        await PutAsync(store.Vectors);
        await using var source = NpgsqlDataSource.Create(database);
        for (int i = 0; i < FaultRun.Length(20, 1_000); i++)
        {
            run.Trial();
            int bit = run.Random.Next(Dimension * sizeof(float) * 8);
            string where = $"WHERE as_of_date = '2024-03-01' AND entity_id = 'E{run.Random.Next(Rows):D3}'";
            (string damage, string change) = run.Random.Next(3) switch
            {
                0 => ("blobs of 1,535 bytes", "substring(vector for 1535)"),
                _ => ("flipped bits", $"set_bit(vector, {bit}, 1 - get_bit(vector, {bit}))"),
            };
            await SqlAsync("CREATE TABLE kept AS SELECT * FROM numeric_window_embeddings");
            int changed = await SqlAsync($"UPDATE numeric_window_embeddings SET vector = {change} {where}");
            Assert.Equal(1, changed);
            run.Inject(damage);
            await AssertFoundAsync(run, store.Vectors, damage);
            await SqlAsync("DELETE FROM numeric_window_embeddings; INSERT INTO numeric_window_embeddings SELECT * FROM kept; DROP TABLE kept");
        }

        async Task<int> SqlAsync(string sql)
        {
            await using var command = source.CreateCommand(sql);
            return await command.ExecuteNonQueryAsync(Token);
        }
    });

    private static async Task PutAsync(IVectorStore vectors)
    {
        float[] values = new float[Rows * Dimension];
        for (int i = 0; i < values.Length; i++)
            values[i] = 1 + (i % 1009 / 1009f);
        VectorBatch rows = new([.. Enumerable.Range(0, Rows).Select(i => new RowHeader($"E{i:D3}"))], values, Dimension);
        foreach (var key in (PartitionKey[])[s_damaged, s_whole])
            await vectors.PutAsync(key, rows, "o", Token);
    }

    private static async Task<string> DamageAsync(FaultRun run, string file, byte[] bytes)
    {
        switch (run.Random.Next(4))
        {
            case 0:
                await File.WriteAllBytesAsync(file, bytes[..run.Random.Next(bytes.Length)], Token);
                return "files cut short";
            case 1:
                await File.WriteAllBytesAsync(file, [.. bytes, (byte)run.Random.Next(256)], Token);
                return "files with a byte too many";
            default:
                byte[] flipped = [.. bytes];
                flipped[run.Random.Next(bytes.Length)] ^= (byte)(1 << run.Random.Next(8));
                await File.WriteAllBytesAsync(file, flipped, Token);
                return "flipped bits";
        }
    }

    private static async Task AssertFoundAsync(FaultRun run, IVectorStore vectors, string damage)
    {
        try
        {
            await vectors.ReadAsync(s_damaged, null, null, Token);
            Assert.Fail($"{damage} was read as if nothing were");
        }
        catch (GridFaultException fault)
        {
            Assert.Contains("2024-03-01", fault.Message, StringComparison.Ordinal);
        }
        Assert.Equal(Rows, (await vectors.ReadAsync(s_whole, null, null, Token))!.Rows.Count);
        var findings = await vectors.VerifyAsync(Token).ToListAsync(Token);
        Assert.Equal([s_damaged.AsOf], findings.Where(finding => finding.Problem is not null).Select(finding => finding.Key.AsOf).Distinct());
        run.Hold("damages refused, named and listed by verify, the rest served");
    }
}
