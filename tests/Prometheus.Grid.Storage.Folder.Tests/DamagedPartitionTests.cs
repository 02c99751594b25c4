using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder.Npy;
using Xunit;

namespace Prometheus.Grid.Storage.Folder.Tests;

/// <summary>Files that are not as they were written are found on every read, named, and never answered from.</summary>
public sealed class DamagedPartitionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Damages => new()
    {
        { "1.npy", "flip" }, { "1.npy", "cut" }, { "1.npy", "grow" }, { "1.npy", "empty" }, { "1.npy", "delete" }, { "1.npy", "header" },
        { "1.ids.csv", "flip" }, { "1.ids.csv", "cut" }, { "1.ids.csv", "grow" }, { "1.ids.csv", "empty" }, { "1.ids.csv", "delete" },
        { "current.json", "flip" }, { "current.json", "cut" }, { "current.json", "empty" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Every_read_finds_it_and_names_the_file(string file, string damage)
    {
        using var folder = new TestFolder();
        await using var store = await folder.OpenAsync();
        await store.Vectors.PutAsync(ChildProcess.Key, ChildProcess.Chunk(0, 1), "o", Token);
        string path = Path.Combine(Partition(folder), file);
        byte[] bytes = await File.ReadAllBytesAsync(path, Token);
        byte[] damaged = damage switch
        {
            "flip" => [.. bytes[..(bytes.Length / 2)], (byte)(bytes[bytes.Length / 2] ^ 1), .. bytes[(bytes.Length / 2 + 1)..]],
            "header" => [.. bytes[..70], (byte)'9', .. bytes[71..]],
            "cut" => bytes[..^3],
            "grow" => [.. bytes, 0],
            _ => [],
        };
        if (damage == "delete")
            File.Delete(path);
        else
            await File.WriteAllBytesAsync(path, damaged, Token);

        // Who asks for no rows asks for what current.json says, and reads nothing else.
        string[]?[] reads = file == "current.json" ? [null, ["E00001"], []] : [null, ["E00001"]];
        foreach (string[]? ids in reads)
        {
            var error = await Assert.ThrowsAsync<GridFaultException>(() => store.Vectors.ReadAsync(ChildProcess.Key, ids, null, Token));
            Assert.Contains(damage == "delete" ? Path.Combine(Partition(folder), "1.npy") : path, error.Message, StringComparison.Ordinal);
            Assert.Contains("grid verify", error.Message, StringComparison.Ordinal);
        }
        await Assert.ThrowsAsync<GridFaultException>(() => store.Vectors.PutAsync(ChildProcess.Key, ChildProcess.Chunk(1, 1), "o", Token));
        var finding = Assert.Single(await store.Vectors.VerifyAsync(Token).ToListAsync(Token));
        Assert.NotNull(finding.Problem);
    }

    [Fact]
    public async Task A_superseded_generation_is_verified_too()
    {
        using var folder = new TestFolder();
        await using var store = await folder.OpenAsync();
        await store.Vectors.PutAsync(ChildProcess.Key, ChildProcess.Chunk(0, 1), "o", Token);
        await store.Vectors.PutAsync(ChildProcess.Key, ChildProcess.Chunk(0, 2), "o", Token);
        File.Delete(Path.Combine(Partition(folder), "1.npy"));
        Assert.Equal(20, (await store.Vectors.ReadAsync(ChildProcess.Key, null, null, Token))!.Rows.Count);
        Assert.Contains("1.npy", Assert.Single(await store.Vectors.VerifyAsync(Token).ToListAsync(Token)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_current_json_is_found_by_verify()
    {
        using var folder = new TestFolder();
        await using var store = await folder.OpenAsync();
        await store.Vectors.PutAsync(ChildProcess.Key, ChildProcess.Chunk(0, 1), "o", Token);
        File.Delete(Path.Combine(Partition(folder), "current.json"));
        Assert.Contains("current.json is missing", Assert.Single(await store.Vectors.VerifyAsync(Token).ToListAsync(Token)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_partition_is_a_file_that_numpy_opens()
    {
        using var folder = new TestFolder();
        await using var store = await folder.OpenAsync();
        var rows = ChildProcess.Chunk(0, 1);
        await store.Vectors.PutAsync(ChildProcess.Key, rows, "o", Token);
        var matrix = await NpyFile.ReadAsync(Path.Combine(Partition(folder), "1.npy"), Token);
        Assert.Equal((20, ChildProcess.Dimension), (matrix.Rows, matrix.Columns));
        Assert.Equal(rows.Values.ToArray(), matrix.Values.ToArray());
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("/etc")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData(".hidden")]
    [InlineData("a\0b")]
    public async Task No_name_leaves_the_folder(string name)
    {
        using var folder = new TestFolder();
        await using var store = await folder.OpenAsync();
        var key = new PartitionKey(BranchKind.Numeric, name, default);
        await Assert.ThrowsAsync<BadInputException>(() => store.Vectors.ReadAsync(key, null, null, Token));
        await Assert.ThrowsAsync<BadInputException>(() => store.Vectors.PutAsync(key, ChildProcess.Chunk(0, 1), "o", Token));
        await Assert.ThrowsAsync<BadInputException>(() => store.Artifacts.WriteAsync(name, default, "fit", default, Token));
        await Assert.ThrowsAsync<BadInputException>(() => store.Artifacts.WriteAsync("m", default, name, default, Token));
        await Assert.ThrowsAsync<BadInputException>(() => store.Artifacts.ReadAsync("m", default, name, Token));
        await Assert.ThrowsAsync<BadInputException>(() => store.Artifacts.DatesAsync("m", name, Token));
    }

    [Fact]
    public async Task An_entity_may_have_any_name()
    {
        using var folder = new TestFolder();
        await using var store = await folder.OpenAsync();
        RowHeader[] headers = [new("\"quoted\", twice", "a\r\nb", "\"", ","), new("../../etc/passwd"), new("日本")];
        await store.Vectors.PutAsync(ChildProcess.Key, new VectorBatch(headers, new float[3], 1), "o", Token);
        Assert.Equal(headers, (await store.Vectors.ReadAsync(ChildProcess.Key, null, null, Token))!.Rows.Headers);
        Assert.Equal(["日本"], (await store.Vectors.ReadAsync(ChildProcess.Key, ["日本"], null, Token))!.Rows.Headers.Select(row => row.EntityId));
    }

    private static string Partition(TestFolder folder) => Path.Combine(folder.Path, "vectors", "numeric", "num-test-v1", "2024-03-01");
}
