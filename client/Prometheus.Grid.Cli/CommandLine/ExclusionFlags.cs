using System.CommandLine;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Grid;

namespace Prometheus.Grid.Cli.CommandLine;

/// <summary>The flags that leave candidates out by id.</summary>
internal sealed class ExclusionFlags
{
    private readonly Option<string[]> _exclude = new("--exclude") { Description = "Leave this one out; may be repeated", HelpName = "ID", DefaultValueFactory = _ => [] };
    private readonly Option<string?> _excludeFile = new("--exclude-file") { Description = "Leave out those of a file, an id a line; # begins a remark", HelpName = "FILE" };

    public Option[] All => [_exclude, _excludeFile];

    /// <summary>The filter, with who is left out.</summary>
    public async Task<SimilarityFilter> AddToAsync(SimilarityFilter filter, ParseResult parsed, CancellationToken cancellationToken)
    {
        List<string> ids = [.. parsed.GetValue(_exclude) ?? []];
        if (parsed.GetValue(_excludeFile) is { } file)
            ids.AddRange(await ReadAsync(file, cancellationToken));
        return ids.Count == 0 ? filter : filter with { ExcludedIds = ids };
    }

    private static async Task<List<string>> ReadAsync(string file, CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
            throw new NotFoundException("file", file);
        var ids = new List<string>();
        int number = 0;
        await foreach (string line in File.ReadLinesAsync(file, cancellationToken))
        {
            number++;
            string id = line.Split('#')[0].Trim();
            if (id.AsSpan().IndexOfAny(", \t\"") >= 0)
                throw new BadInputException($"{file} line {number}", line, "an id a line, without quotes, commas or blanks");
            if (id.Length > 0)
                ids.Add(id);
        }
        return ids;
    }
}
