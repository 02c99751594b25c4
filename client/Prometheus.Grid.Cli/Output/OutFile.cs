using Prometheus.Grid.Cli.CommandLine;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Cli.Output;

/// <summary>Rows to stdout, or with <c>--out</c> to a .csv or .json file, which appears when it is whole.</summary>
internal static class OutFile
{
    public static string Description => "Write to this file instead: .csv or .json";

    /// <exception cref="BadInputException">The folder does not exist, or the name ends otherwise.</exception>
    public static void Check(string? path)
    {
        if (path is not null)
            WholeFile.Check(path, ".csv", ".json");
    }

    /// <summary>Writes rows.</summary>
    /// <param name="context">Where stdout and messages are.</param>
    /// <param name="path">The file, or null for stdout.</param>
    /// <param name="columns">Names of the columns.</param>
    /// <param name="rows">The rows, a cell a column.</param>
    public static async Task WriteAsync(CommandContext context, string? path, string[] columns, IEnumerable<object?[]> rows)
    {
        if (path is null)
        {
            using var printed = context.Rows(columns);
            foreach (object?[] row in rows)
                printed.Write(row);
            return;
        }
        int count = await WholeFile.WriteAsync(path, async file =>
        {
            await using var output = new StreamWriter(file, leaveOpen: true) { NewLine = "\n" };
            using var written = RowWriter.Create(Path.GetExtension(path) == ".json" ? OutputFormat.Json : OutputFormat.Csv, output, columns);
            int lines = 0;
            foreach (object?[] row in rows)
            {
                written.Write(row);
                lines++;
            }
            return lines;
        });
        context.Messages.Say($"wrote {count} rows to {path}");
    }
}
