using System.CommandLine;

namespace Prometheus.Grid.Cli.CommandLine;

/// <summary>Forgives spelling: underscores for hyphens, as the seed wrote its commands and flags, and offers the nearest name for a wrong one.</summary>
internal static class Spelling
{
    /// <summary>Rewrites <c>find_similar_profiles --as_of=…</c> to <c>find-similar-profiles --as-of=…</c>; values stay as they are.</summary>
    public static string[] Normalise(IReadOnlyList<string> arguments, RootCommand root)
    {
        var commands = root.Subcommands.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        var flags = root.Subcommands.Append(root).SelectMany(c => c.Options.Concat(c.Subcommands.SelectMany(s => s.Options)))
            .Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        return [.. arguments.Select(argument =>
        {
            int end = argument.StartsWith("--", StringComparison.Ordinal) && argument.IndexOf('=') is var at and > 0 ? at : argument.Length;
            string hyphened = argument[..end].Replace('_', '-');
            return commands.Contains(hyphened) || flags.Contains(hyphened) ? hyphened + argument[end..] : argument;
        })];
    }

    /// <summary>A question that names the nearest of the known names, or nothing when none is near.</summary>
    public static string DidYouMean(string wrong, IEnumerable<string> known)
    {
        var (name, distance) = known.Select(k => (k, Distance(wrong, k))).MinBy(pair => pair.Item2);
        // Up to a third of the letters may be wrong; beyond that a guess is noise.
        return name is not null && distance <= Math.Max(1, wrong.Length / 3) ? $"; did you mean '{name}'?" : "";
    }

    /// <summary>Number of inserted, deleted and replaced letters (Levenshtein 1966).</summary>
    private static int Distance(string a, string b)
    {
        int[] row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0]++;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
