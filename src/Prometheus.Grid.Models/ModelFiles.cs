using System.Security.Cryptography;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Models;

/// <summary>The files that models need: where they are, and whether they are what the manifest says.</summary>
public static class ModelFiles
{
    /// <summary>Files that ship with the product lie beside the manifest; fetched ones in <c>cache/MODEL_ID</c>.</summary>
    /// <param name="model">The model.</param>
    /// <param name="fileName">Name of one of its files.</param>
    public static string PathOf(ModelManifest model, string fileName) =>
        IsFetched(model, fileName) ? Path.Combine(model.Folder, "cache", model.ModelId, fileName) : Path.Combine(model.Folder, fileName);

    /// <summary>Whether <c>grid models pull</c> can fetch the file; one that ships with the product has no source.</summary>
    /// <param name="model">The model.</param>
    /// <param name="fileName">Name of one of its files.</param>
    public static bool IsFetched(ModelManifest model, string fileName) =>
        model.VersionsOf(fileName).Any(file => file.Url is not null || file.Resource is not null);

    /// <summary>What is wrong with the installed file, as the rest of a sentence that begins with its path; null when it is that of one of its sources.</summary>
    /// <param name="model">The model.</param>
    /// <param name="fileName">Name of one of its files.</param>
    /// <param name="cancellationToken">Ends the check early.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async Task<string?> ProblemAsync(ModelManifest model, string fileName, CancellationToken cancellationToken)
    {
        string path = PathOf(model, fileName);
        if (!File.Exists(path))
            return "is missing";
        await using var stream = File.OpenRead(path);
        return await ProblemAsync(stream, [.. model.VersionsOf(fileName)], cancellationToken);
    }

    /// <summary>The same of an open stream, which stands at its beginning.</summary>
    internal static async Task<string?> ProblemAsync(Stream stream, IReadOnlyList<ModelFile> versions, CancellationToken cancellationToken)
    {
        if (versions.All(file => file.Size != stream.Length))
            return $"has {stream.Length} bytes, the manifest says {string.Join(" or ", versions.Select(file => file.Size))}";
        string sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
        return versions.Any(file => file.Size == stream.Length && file.Sha256 == sha256)
            ? null
            : $"has SHA-256 {sha256}, the manifest says {string.Join(" or ", versions.Select(file => file.Sha256))}";
    }
}
