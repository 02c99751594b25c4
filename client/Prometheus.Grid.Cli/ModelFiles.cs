using System.Security.Cryptography;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Cli;

/// <summary>The files that models need: where they are, whether they are what the manifest says, and how they are fetched.</summary>
internal static class ModelFiles
{
    /// <summary>Files that ship with the product lie beside the manifest; downloaded ones in cache/MODEL_ID.</summary>
    public static string PathOf(ModelManifest model, ModelFile file) =>
        file.Url is null ? Path.Combine(model.Folder, file.Name) : Path.Combine(model.Folder, "cache", model.ModelId, file.Name);

    /// <summary>What is wrong with a file, or null.</summary>
    public static async Task<string?> ProblemAsync(ModelManifest model, ModelFile file, CancellationToken cancellationToken)
    {
        var path = PathOf(model, file);
        if (!File.Exists(path))
            return file.Url is null ? $"missing: {path}" : $"missing: grid models pull {model.ModelId}";
        await using var stream = File.OpenRead(path);
        if (stream.Length != file.Size)
            return $"{path} has {stream.Length} bytes, not {file.Size}";
        var sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
        return sha256 == file.Sha256 ? null : $"{path} has SHA-256 {sha256}, not {file.Sha256}";
    }

    /// <summary>Downloads a file; it appears under its name only when size and SHA-256 are those of the manifest.</summary>
    /// <exception cref="GridFaultException">The server does not give it, or gives something else.</exception>
    public static async Task PullAsync(HttpClient client, ModelManifest model, ModelFile file, IProgress<double> progress, CancellationToken cancellationToken)
    {
        var path = PathOf(model, file);
        var partial = path + ".partial";
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        try
        {
            using var response = await client.GetAsync(file.Url, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            response.EnsureSuccessStatusCode();
            await using var source = await response.Content.ReadAsStreamAsync(cancellationToken);
            string sha256;
            await using (var target = File.Create(partial))
            {
                sha256 = await CopyAsync(source, target, file, progress, cancellationToken);
                target.Flush(flushToDisk: true);
            }
            if (sha256 != file.Sha256)
                throw new GridFaultException($"{file.Url} gave SHA-256 {sha256}, the manifest of {model.ModelId} says {file.Sha256}");
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw new GridFaultException($"cannot download {file.Url}: {error.Message}", canRetry: true, error);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    // Reads one byte more than the manifest allows and no further: a server must not fill the disk.
    private static async Task<string> CopyAsync(Stream source, Stream target, ModelFile file, IProgress<double> progress, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[128 * 1024];
        long length = 0;
        for (int read; length <= file.Size && (read = await source.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            progress.Report(Math.Min(1, (double)(length += read) / file.Size));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
