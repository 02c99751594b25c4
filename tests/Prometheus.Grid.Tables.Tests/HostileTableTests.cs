using Prometheus.Grid.Cli.Output;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Tables.Tests;

/// <summary>Tables of somebody who means harm: to the memory of whoever reads them, or to the spreadsheet that they end in.</summary>
public sealed class HostileTableTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a row that never ends", "")]
    [InlineData("a quote that never closes", "1,\"")]
    public void An_archive_that_unpacks_to_one_row_without_end_is_refused_in_bounded_memory(string what, string begin)
    {
        // Many members of 16 MiB each: 4 GiB in a file of 4 MB.
        byte[] member = Samples.Gzip(Samples.Utf8(new string('x', 16 << 20)));
        string path = _folder.With("table.csv.gz", [.. Samples.Gzip(Samples.Utf8($"id,text\n{begin}")), .. Enumerable.Repeat(member, 256).SelectMany(bytes => bytes)]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<BadInputException>(() =>
        {
            using var table = new TableReader(new InputFile(path), ["id", "text"]);
            while (table.Read(Token))
            {
            }
        });
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 256 << 20, what);
        Assert.InRange(error.Message.Length, 1, 2_000);
    }

    /// <summary>
    /// What the command prints as CSV is read by programs, its own import among them, so no cell is changed, whatever a spreadsheet would make of it: an apostrophe before
    /// -0.5 or before an id would be another number and another id.
    /// </summary>
    [Fact]
    public void Cells_that_look_like_formulas_come_back_from_CSV_as_they_were()
    {
        string[] cells = ["=1+1", "+1", "-A1", "@SUM(A1)", "=HYPERLINK(\"http://x\",\"y\")", "-0.5", "a\tb", "'=1"];
        var text = new StringWriter();
        using (var rows = RowWriter.Create(OutputFormat.Csv, text, ["id", "text", "value"]))
        {
            foreach (string cell in cells)
                rows.Write(cell, cell, -0.5);
        }
        using var table = new TableReader(new InputFile(_folder.With("table.csv", Samples.Utf8(text.ToString()))), ["id", "text", "value"]);
        Assert.Equal(cells.Select(cell => (cell, cell, -0.5)), table.Rows(row => (row.Text("id"), row.Text("text"), row.Number("value")), Token).Select(row => row.Row));
    }
}
