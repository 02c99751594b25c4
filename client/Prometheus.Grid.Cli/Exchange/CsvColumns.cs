using System.Globalization;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using CsvHelper;
using CsvHelper.Configuration;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Cli.Exchange;

/// <summary>Reads small CSV files of the user's own, gzipped when their name ends in .gz, row by row with the header first.</summary>
internal static class CsvColumns
{
    /// <exception cref="NotFoundException">There is no such file.</exception>
    /// <exception cref="BadInputException">The file is no CSV.</exception>
    public static async IAsyncEnumerable<string[]> ReadAsync(string file, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
            throw new NotFoundException("file", file);
        await using Stream raw = File.OpenRead(file);
        await using var content = file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(raw, CompressionMode.Decompress) : raw;
        using var parser = new CsvParser(new StreamReader(content), new CsvConfiguration(CultureInfo.InvariantCulture));
        while (await NextAsync(parser, file))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return parser.Record!;
        }
    }

    private static async Task<bool> NextAsync(CsvParser parser, string file)
    {
        try
        {
            return await parser.ReadAsync();
        }
        catch (Exception error) when (error is CsvHelperException or InvalidDataException)
        {
            throw new BadInputException(file, $"row {parser.Row}", "a CSV file, or a gzipped one that ends in .gz", error);
        }
    }
}
