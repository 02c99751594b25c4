using System.Text;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Tables.Tests;

public sealed class TableReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("id,text\n1,a\n")]
    [InlineData("id,text\r\n1,a\r\n")]
    [InlineData("\uFEFFid,text\n1,a")]
    [InlineData("\n\nid,text\n\r\n1,a\n\n")]
    [InlineData("\"id\",\"text\"\n\"1\",\"a\"\n")]
    [InlineData("text,more,id\na,\"x\ny\"\"\",1\n")]
    public void Sound_text_is_read_in_all_its_forms(string text)
    {
        using var table = Open(Samples.Utf8(text));
        var row = Assert.Single(table.Rows(row => (row.Text("id"), row.Text("text")), Token)).Row;
        Assert.Equal(("1", "a"), row);
    }

    [Theory]
    [InlineData("id,text\n1,a\"b\n", "line 2, row is 'a\"b", "quotes doubled")]
    [InlineData("id,text\n1,\"a\"b\n", "line 2, row", "quotes doubled")]
    [InlineData("id,text\n1,b\n2,\"a\n", "line 3, row", "quotes doubled")]
    [InlineData("id,text\r1,a\r", "line 1, row", "CR alone")]
    [InlineData("id,text\n1,a\r2,b\n", "line 2, row", "CR alone")]
    [InlineData("id,text\n1,a,b\n", "line 2, row is '3 fields'", "2 fields")]
    [InlineData("id,text\n\n\n1\n", "line 4, row is '1 fields'", "2 fields")]
    [InlineData("id,text\n1,a\0b\n", "line 2, text", "NUL")]
    [InlineData("id;text\n1;a\n", "line 1, header", "it has ';' between its fields")]
    [InlineData("id\ttext\n1\ta\n", "line 1, header", "'tab'")]
    [InlineData("id,Text\n1,a\n", "line 1, header is 'Text'", "text, written so")]
    [InlineData("id, text\n1,a\n", "line 1, header is ' text'", "text, written so")]
    [InlineData("id,text,text\n1,a,b\n", "line 1, header is 'text'", "each column once")]
    [InlineData("", "line 1, header", "text")]
    public void What_breaks_a_rule_is_named_with_its_line(string text, string place, string allowed)
    {
        var error = Assert.Throws<BadInputException>(() => ReadAll(Samples.Utf8(text)));
        Assert.Contains($"table.csv {place}", error.Message, StringComparison.Ordinal);
        Assert.Contains(allowed, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_encodings_are_refused_by_name_with_the_true_line()
    {
        const string Text = "id,text\n1,a\n2,\"two\nlines\"\n3,Énergie\n";
        foreach (var encoding in (Encoding[])[Encoding.Unicode, Encoding.BigEndianUnicode])
        {
            foreach (bool hasMark in (bool[])[true, false])
            {
                byte[] bytes = hasMark ? [.. encoding.GetPreamble(), .. encoding.GetBytes(Text)] : encoding.GetBytes(Text);
                Assert.Contains("is 'UTF-16'; allowed: UTF-8", Assert.Throws<BadInputException>(() => ReadAll(bytes)).Message, StringComparison.Ordinal);
            }
        }
        string latin = Assert.Throws<BadInputException>(() => ReadAll(Encoding.Latin1.GetBytes(Text))).Message;
        Assert.Contains("table.csv line 5, text is 'Énergie'; allowed: UTF-8", latin, StringComparison.Ordinal);
        Assert.Contains("Latin-1", latin, StringComparison.Ordinal);
    }

    [Fact]
    public void Control_characters_reach_no_terminal_raw()
    {
        string message = Assert.Throws<BadInputException>(() => ReadAll(Samples.Utf8("id,text\n1,\u001b[2J\u0007\"\n"))).Message;
        Assert.DoesNotContain(message, char.IsControl);
        Assert.Contains("\\u001b[2J\\u0007", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_longer_than_a_block_and_files_of_many_blocks_keep_their_lines()
    {
        string longText = new('x', 3 << 20);
        var text = new StringBuilder("id,text\n1,\"").Append(longText).Append("\n\"\n");
        for (int i = 0; i < 300_000; i++)
            text.Append(i).Append(",row\n");
        text.Append("last\n");
        string path = _folder.With("table.csv", Samples.Utf8(text.ToString()));
        using var table = new TableReader(new InputFile(path), ["id", "text"]);
        Assert.True(table.Read(Token));
        Assert.Equal(longText.Length + 1, table.Text("text").Length);
        int rows = 0;
        var error = Assert.Throws<BadInputException>(() =>
        {
            for (; table.Read(Token); rows++)
                Assert.Equal("row", table.Text("text"));
        });
        Assert.Equal(300_000, rows);
        Assert.Contains("line 300004, row is '1 fields'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quote_that_never_closes_is_named_where_it_stands()
    {
        string path = _folder.With("table.csv", Samples.Utf8("id,text\n1,24\" screens\n" + string.Concat(Enumerable.Repeat("2,b\n", 5_000_000))));
        using var table = new TableReader(new InputFile(path), ["id", "text"]);
        var error = Assert.Throws<BadInputException>(() => table.Read(Token));
        Assert.Contains("line 2, row is '24\" screens", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_rows_are_passed_over_counted_and_named_where_that_is_asked_for()
    {
        var notes = new TableNotes(BadRowPolicy.Skip, "t");
        string path = _folder.With("table.csv", Samples.Utf8("id,text\n1,5\n2,x\n3\n4,6\n5,NaN\n"));
        using var table = new TableReader(new InputFile(path), ["id", "text"], notes: notes);
        Assert.Equal([5.0, 6.0], table.Rows(row => row.Number("text"), Token).Select(row => row.Row));
        Assert.Equal(
            [("bad rows passed over, row is not 2 fields, as the header has", 1), ("bad rows passed over, text is not a finite number", 2)],
            notes.Notes.Select(note => (note.What, note.Count)));
        Assert.Contains("table.csv line 3, text is 'x'", notes.Notes[1].Examples[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("adjusted_close", "Adj Close")]
    [InlineData("adjusted_close", "Adjusted_Close")]
    [InlineData("adjusted_close", " adjusted_close")]
    [InlineData("adjusted_close", "AdjClose")]
    [InlineData("trade_date", "Date")]
    [InlineData("instrument_id", "Ticker")]
    [InlineData("volume", "Vol.")]
    public void A_vendors_name_of_a_missing_column_is_an_error_that_says_so(string known, string written)
    {
        string[] header = ["instrument_id", "trade_date", "close", "volume", "adjusted_close"];
        HeaderRules.Check("t", header, header[..4], header[4..]);
        HeaderRules.Check("t", [.. header, written], header[..4], header[4..]);
        string[] misspelt = [.. header.Select(column => column == known ? written : column)];
        var error = Assert.Throws<BadInputException>(() => HeaderRules.Check("t", misspelt, header[..4], header[4..]));
        Assert.Contains($"'{written}'; allowed: {known}, written so", error.Message, StringComparison.Ordinal);
    }

    private TableReader Open(byte[] bytes) => new(new InputFile(_folder.With("table.csv", bytes)), ["text"], ["id"]);

    private void ReadAll(byte[] bytes)
    {
        using var table = Open(bytes);
        while (table.Read(Token))
        {
        }
    }
}
