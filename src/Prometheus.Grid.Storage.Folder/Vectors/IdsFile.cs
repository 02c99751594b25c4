using System.Buffers;
using System.Globalization;
using System.Text;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder.Files;

namespace Prometheus.Grid.Storage.Folder.Vectors;

/// <summary>
/// The file beside a .npy that says whose rows these are, as CSV in the order of the rows. Column <c>since</c> is the generation in which the row got its present
/// value.
/// </summary>
internal static class IdsFile
{
    private const string Header = "entity_id,instrument_id,region,source,since";
    private static readonly SearchValues<char> s_special = SearchValues.Create(",\"\r\n");

    /// <summary>The bytes of the file.</summary>
    public static byte[] Write(IReadOnlyList<RowHeader> headers, ReadOnlySpan<int> since)
    {
        var text = new StringBuilder(headers.Count * 48);
        text.Append(Header).Append('\n');
        for (int i = 0; i < headers.Count; i++)
        {
            var header = headers[i];
            AppendField(text, header.EntityId);
            AppendField(text, header.InstrumentId);
            AppendField(text, header.Region);
            AppendField(text, header.Source);
            text.Append(CultureInfo.InvariantCulture, $"{since[i]}\n");
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Reads bytes whose checksum has been checked.</summary>
    public static (RowHeader[] Headers, int[] Since) Parse(ReadOnlySpan<byte> bytes, int rows, string path)
    {
        string text = Encoding.UTF8.GetString(bytes);
        int at = 0;
        if (!text.StartsWith(Header + "\n", StringComparison.Ordinal))
            throw StorageFault.Damaged(path, $"its header is not {Header}");
        at += Header.Length + 1;
        var headers = new RowHeader[rows];
        int[] since = new int[rows];
        // Regions and sources repeat in runs; one string a run spares two allocations a row.
        string region = "", source = "";
        for (int i = 0; i < rows; i++)
        {
            string id = Field(text, ref at, path).ToString();
            string instrument = Field(text, ref at, path).ToString();
            region = Reuse(region, Field(text, ref at, path));
            source = Reuse(source, Field(text, ref at, path));
            headers[i] = new RowHeader(id, instrument, region, source);
            if (!int.TryParse(Field(text, ref at, path), NumberStyles.None, CultureInfo.InvariantCulture, out since[i]))
                throw StorageFault.Damaged(path, $"row {i} has no generation");
        }
        return at == text.Length ? (headers, since) : throw StorageFault.Damaged(path, $"it has more than {rows} rows");
    }

    private static string Reuse(string last, ReadOnlySpan<char> next) => next.SequenceEqual(last) ? last : next.ToString();

    private static void AppendField(StringBuilder text, string value)
    {
        if (value.AsSpan().ContainsAny(s_special))
            text.Append('"').Append(value.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
        else
            text.Append(value);
        text.Append(',');
    }

    private static ReadOnlySpan<char> Field(string text, ref int at, string path)
    {
        var rest = text.AsSpan(at);
        if (rest.Length == 0)
            throw StorageFault.Damaged(path, "it has too few rows");
        if (rest[0] != '"')
        {
            int end = rest.IndexOfAny(',', '\n');
            if (end < 0)
                throw StorageFault.Damaged(path, "its last row is cut off");
            at += end + 1;
            return rest[..end];
        }
        for (int end = 1; end < rest.Length - 1; end++)
        {
            if (rest[end] != '"')
                continue;
            if (rest[end + 1] != '"')
            {
                at += end + 2;
                return rest[1..end].ToString().Replace("\"\"", "\"", StringComparison.Ordinal);
            }
            end++;
        }
        throw StorageFault.Damaged(path, "a quoted field does not end");
    }
}
