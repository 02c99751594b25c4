using System.Globalization;
using Prometheus.Grid.Core.Storage;

namespace Prometheus.Grid.Core.Diagnosis;

/// <summary>What every store can be asked, whatever it is.</summary>
public static class StoreDiagnosis
{
    /// <summary>Free space below which a disk is a warning: what a date of a million issuers takes.</summary>
    private const long LittleBytes = 2L << 30;

    private static readonly TimeSpan s_clockSkew = TimeSpan.FromSeconds(2);

    /// <summary>What the store says of itself, and the latest date of each model in it.</summary>
    /// <param name="store">The store.</param>
    /// <param name="cancellationToken">Ends the look early.</param>
    public static async Task<IReadOnlyList<Finding>> OfAsync(IGridStore store, CancellationToken cancellationToken)
    {
        var findings = new List<Finding> { new("store", FindingState.Ok, store.Description) };
        findings.AddRange(await store.ExamineAsync(cancellationToken));
        var models = (await store.Vectors.ListAsync(null, null, cancellationToken)).GroupBy(partition => partition.ModelId).OrderBy(model => model.Key, StringComparer.Ordinal);
        findings.AddRange(models.Select(model => new Finding(
            $"dates of {model.Key}", FindingState.Ok, string.Create(CultureInfo.InvariantCulture, $"{model.Count()}, the latest {DateRange.Text(model.Max(partition => partition.AsOf))}"))));
        if (findings.TrueForAll(finding => !finding.What.StartsWith("dates of ", StringComparison.Ordinal)))
            findings.Add(new Finding("dates", FindingState.Warning, "no vectors yet", "run the backfills of docs/commands.md"));
        return findings;
    }

    /// <summary>How much of a disk is free.</summary>
    /// <param name="what">What is kept there.</param>
    /// <param name="path">An existing folder on the disk.</param>
    public static Finding Disk(string what, string path)
    {
        var drive = new DriveInfo(Path.GetFullPath(path));
        string detail = string.Create(CultureInfo.InvariantCulture, $"{drive.AvailableFreeSpace >> 20} MB of {drive.TotalSize >> 20} free");
        return drive.AvailableFreeSpace < Math.Min(LittleBytes, drive.TotalSize / 10)
            ? new Finding(what, FindingState.Warning, detail, $"free space on the disk of {path}; a full one refuses writes and loses nothing")
            : new Finding(what, FindingState.Ok, detail);
    }

    /// <summary>How far another clock is from this one. It was read between two looks at this one, so what lies between them is no difference.</summary>
    /// <param name="whose">Whose clock.</param>
    /// <param name="before">This clock before.</param>
    /// <param name="theirs">The other.</param>
    /// <param name="after">This clock after.</param>
    public static Finding Clock(string whose, DateTimeOffset before, DateTimeOffset theirs, DateTimeOffset after)
    {
        var ahead = theirs > after ? theirs - after : theirs < before ? theirs - before : TimeSpan.Zero;
        string detail = ahead == TimeSpan.Zero
            ? string.Create(CultureInfo.InvariantCulture, $"that of {whose} agrees with this one to within {(after - before).TotalSeconds:0.###} s")
            : string.Create(CultureInfo.InvariantCulture, $"that of {whose} is {Math.Abs(ahead.TotalSeconds):0.###} s {(ahead > TimeSpan.Zero ? "ahead of" : "behind")} this one");
        return ahead.Duration() > s_clockSkew
            ? new Finding("clock", FindingState.Warning, detail, "keep the clocks of all machines by NTP; knowledge times are read from them")
            : new Finding("clock", FindingState.Ok, detail);
    }
}
