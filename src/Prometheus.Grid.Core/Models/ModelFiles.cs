using System.Security.Cryptography;

namespace Prometheus.Grid.Core.Models;

/// <summary>The files that models need: where they are, and whether they are what the manifest says.</summary>
public static class ModelFiles
{
    /// <summary>Files that ship with the product lie beside the manifest; downloaded ones in <c>cache/MODEL_ID</c>.</summary>
    public static string PathOf(ModelManifest model, ModelFile file) =>
        file.Url is null ? Path.Combine(model.Folder, file.Name) : Path.Combine(model.Folder, "cache", model.ModelId, file.Name);

    /// <summary>What is wrong with the installed file, as the rest of a sentence that begins with its path; null when nothing is.</summary>
    public static Task<string?> ProblemAsync(ModelManifest model, ModelFile file, CancellationToken cancellationToken) =>
        ProblemAsync(PathOf(model, file), file, cancellationToken);

    /// <summary>What is wrong with the file at <paramref name="path"/>, as the rest of a sentence; null when nothing is.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async Task<string?> ProblemAsync(string path, ModelFile file, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            return "is missing";
        await using var stream = File.OpenRead(path);
        return await ProblemAsync(stream, file, cancellationToken);
    }

    /// <summary>The same of an open stream, which stands at its beginning.</summary>
    internal static async Task<string?> ProblemAsync(Stream stream, ModelFile file, CancellationToken cancellationToken)
    {
        if (stream.Length != file.Size)
            return $"has {stream.Length} bytes, the manifest says {file.Size}";
        string sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
        return sha256 == file.Sha256 ? null : $"has SHA-256 {sha256}, the manifest says {file.Sha256}";
    }
}
