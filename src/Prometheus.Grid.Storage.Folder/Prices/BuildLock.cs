namespace Prometheus.Grid.Storage.Folder.Prices;

/// <summary>
/// Tells builders of price caches apart from what killed ones left behind. Whoever builds shares a lock file that is never deleted; whoever
/// gets it alone knows that nobody builds, so that all temporary files are leftovers. The operating system drops the lock with its process.
/// (A lock on the temporary file itself was tried: between its creation and its lock it looks like a leftover.)
/// </summary>
internal static class BuildLock
{
    private static readonly TimeSpan s_cleaning = TimeSpan.FromMilliseconds(2);

    /// <summary>Drops leftovers where nobody builds, and shares the lock until the result is disposed.</summary>
    /// <param name="cachePath">The cache; temporary files begin with its name.</param>
    /// <param name="cancellationToken">Ends the wait for another's cleaning early.</param>
    public static async Task<IDisposable> TakeAsync(string cachePath, CancellationToken cancellationToken)
    {
        string folder = Path.GetDirectoryName(cachePath)!, path = Path.Combine(folder, ".build.lock");
        if (TryOpen(path, FileShare.None) is { } alone)
        {
            using (alone)
            {
                foreach (string leftover in Directory.EnumerateFiles(folder, $"prices*{Files.DurableFile.TemporarySuffix}").Append(Path.Combine(folder, "prices.v1.bin")))
                    Files.DurableFile.TryDelete(leftover);
            }
        }
        while (true)
        {
            if (TryOpen(path, FileShare.Read) is { } shared)
                return shared;
            // Somebody holds it alone, for as long as it takes to delete a few files.
            await Task.Delay(s_cleaning, cancellationToken);
        }
    }

    private static FileStream? TryOpen(string path, FileShare share)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, share);
        }
        catch (IOException error) when (error is not (FileNotFoundException or DirectoryNotFoundException) && Files.WriterLock.IsHeld(error))
        {
            return null;
        }
    }
}
