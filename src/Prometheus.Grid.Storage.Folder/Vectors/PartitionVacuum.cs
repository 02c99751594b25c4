using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder.Files;

namespace Prometheus.Grid.Storage.Folder.Vectors;

/// <summary>Drops superseded generations and what killed writers left. Whoever calls holds the partition for writing.</summary>
internal static class PartitionVacuum
{
    /// <summary>Drops what was superseded before <paramref name="olderThan"/>.</summary>
    public static VacuumOutcome Run(PartitionFolder folder, DateTimeOffset olderThan)
    {
        if (!TryDropStaging(folder, out long bytes))
            return default;
        var manifest = folder.ReadManifest();
        int superseded = 0;
        if (manifest is not null)
        {
            List<Generation> all = [.. manifest.All];
            List<Generation> earlier = [.. manifest.Earlier.Select((generation, i) =>
                generation with { Vacuumed = generation.Vacuumed || all[i + 1].KnownAt < olderThan })];
            superseded = earlier.Count(generation => generation.Vacuumed) - manifest.Earlier.Count(generation => generation.Vacuumed);
            earlier = WithoutForgotten(folder, manifest with { Earlier = earlier });
            // current.json first: a reader then finds a generation gone or there, never half.
            if (superseded > 0)
                DurableFile.Write(folder.CurrentPath, (manifest = manifest with { Earlier = earlier }).ToBytes());
        }
        HashSet<string> kept = [folder.CurrentPath];
        foreach (var generation in manifest?.All.Where(generation => !generation.Vacuumed) ?? [])
        {
            kept.Add(folder.NpyPath(generation.Number));
            kept.Add(folder.IdsPath(generation.Number));
        }
        foreach (string file in Directory.EnumerateFiles(folder.Path).Where(file => IsOurs(file) && !kept.Contains(file)).ToList())
        {
            bytes += new FileInfo(file).Length;
            File.Delete(file);
        }
        return new VacuumOutcome(superseded, bytes);
    }

    // Of a vacuumed generation the number and time stay while a row still has its value from then; the first one stays to tell "not
    // yet" from "no more". Without this, current.json would grow with every write for ever.
    private static List<Generation> WithoutForgotten(PartitionFolder folder, PartitionManifest manifest)
    {
        HashSet<int> referred = [manifest.All.First().Number];
        foreach (var generation in manifest.All.Where(generation => !generation.Vacuumed))
            referred.UnionWith(folder.ReadIds(generation).Since);
        return [.. manifest.Earlier.Where(generation => !generation.Vacuumed || referred.Contains(generation.Number))];
    }

    // A user's own notes beside the files are none of the vacuum's business.
    private static bool IsOurs(string path)
    {
        string name = Path.GetFileName(path);
        return name is "current.json.tmp"
            || (char.IsAsciiDigit(name[0]) && new[] { ".npy", ".ids.csv", DurableFile.TemporarySuffix }.Any(end => name.EndsWith(end, StringComparison.Ordinal)));
    }

    /// <summary>Deletes what a killed writer staged; false when a writer of this process is at it.</summary>
    private static bool TryDropStaging(PartitionFolder folder, out long bytes)
    {
        bytes = 0;
        if (!File.Exists(folder.JournalPath))
            return true;
        try
        {
            // An open journal belongs to somebody.
            File.OpenHandle(folder.JournalPath, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
        }
        catch (IOException)
        {
            return false;
        }
        foreach (string file in new[] { folder.StagingPath, folder.JournalPath }.Where(File.Exists))
        {
            bytes += new FileInfo(file).Length;
            File.Delete(file);
        }
        return true;
    }
}
