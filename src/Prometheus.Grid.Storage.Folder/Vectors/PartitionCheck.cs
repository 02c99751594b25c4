using System.Security.Cryptography;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder.Files;

namespace Prometheus.Grid.Storage.Folder.Vectors;

/// <summary>Checks every generation of a partition that is still kept, against both kinds of checksum.</summary>
internal static class PartitionCheck
{
    /// <summary>What the check found; null when the folder holds no partition but what a killed first write left.</summary>
    public static StoreFinding? Run(PartitionFolder folder, CancellationToken cancellationToken)
    {
        int rows = 0;
        try
        {
            if (folder.ReadManifest() is not { } manifest)
            {
                bool isLeftover = File.Exists(folder.JournalPath) || !Directory.EnumerateFiles(folder.Path, "*.ids.csv").Any();
                return isLeftover ? null : new StoreFinding(folder.Key, 0, $"{folder.CurrentPath} is missing");
            }
            rows = manifest.Live.Rows;
            foreach (var generation in manifest.All.Where(generation => !generation.Vacuumed))
            {
                folder.Read(generation, null, null, cancellationToken);
                using var npy = File.OpenRead(folder.NpyPath(generation.Number));
                if (Convert.ToHexStringLower(SHA256.HashData(npy)) != generation.NpySha256)
                    throw StorageFault.Damaged(npy.Name, "its SHA-256 does not match");
            }
            return new StoreFinding(folder.Key, rows, null);
        }
        catch (Exception error) when (error is GridException || FileFault.IsFileError(error))
        {
            return new StoreFinding(folder.Key, rows, error.Message);
        }
    }
}
