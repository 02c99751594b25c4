using System.IO.Compression;
using System.Text;

namespace Prometheus.Grid.Tests;

/// <summary>The business descriptions of the reference data: two columns, doc_id and text.</summary>
internal static class Corpus
{
    /// <summary>Reads the texts in file order.</summary>
    public static List<string> Read(string gzippedCsv)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(gzippedCsv), CompressionMode.Decompress), Encoding.UTF8);
        var texts = new List<string>();
        reader.ReadLine();
        while (ReadCell(reader, ',') is not null)
            texts.Add(ReadCell(reader, '\n')!);
        return texts;
    }

    /// <summary>Reads up to a separator outside quotes; null at the end of the file.</summary>
    private static string? ReadCell(StreamReader reader, char separator)
    {
        if (reader.Peek() < 0)
            return null;
        var cell = new StringBuilder();
        bool quoted = false;
        for (int c = reader.Read(); c >= 0 && (quoted || c != separator); c = reader.Read())
        {
            if (c != '"')
            {
                cell.Append((char)c);
            }
            else if (quoted && reader.Peek() == '"')
            {
                cell.Append((char)reader.Read());
            }
            else
            {
                quoted = !quoted;
            }
        }
        return separator == '\n' ? cell.ToString().TrimEnd('\r') : cell.ToString();
    }
}
