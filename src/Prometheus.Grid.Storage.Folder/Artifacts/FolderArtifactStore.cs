using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Prometheus.Grid.Core;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Storage;
using Prometheus.Grid.Storage.Folder.Files;

namespace Prometheus.Grid.Storage.Folder.Artifacts;

/// <summary>
/// Artifacts as files <c>artifacts/&lt;model_id&gt;/&lt;yyyy-MM-dd&gt;/&lt;name&gt;</c>: 64 hexadecimal digits of SHA-256, a line end, then the
/// content. Checksum and content in one file are replaced by one rename.
/// </summary>
internal sealed class FolderArtifactStore(FolderLayout layout) : IArtifactStore
{
    private const int PrefixLength = 65;

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>?> ReadAsync(string modelId, DateOnly asOf, string name, CancellationToken cancellationToken)
    {
        string path = PathOf(modelId, asOf, name);
        byte[] file;
        try
        {
            file = await File.ReadAllBytesAsync(path, cancellationToken);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (FileFault.IsFileError(error))
        {
            throw FileFault.From($"cannot read {path}", error);
        }
        bool isIntact = file.Length >= PrefixLength
            && file.AsSpan(0, PrefixLength).SequenceEqual(Prefix(file.AsSpan(PrefixLength)));
        return isIntact ? file.AsMemory(PrefixLength) : throw StorageFault.Damaged(path, "its checksum does not match");
    }

    /// <inheritdoc/>
    public async Task WriteAsync(
        string modelId, DateOnly asOf, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        string path = PathOf(modelId, asOf, name);
        try
        {
            using var writerLock = WriterLock.Take(layout.Root);
            using var turn = await writerLock.EnterAsync(path, cancellationToken);
            await Task.Run(() => Write(path, content.Span), cancellationToken);
        }
        catch (Exception error) when (FileFault.IsFileError(error))
        {
            throw FileFault.From($"cannot write {path}", error);
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<DateOnly>> DatesAsync(string modelId, string name, CancellationToken cancellationToken)
    {
        string folder = layout.ArtifactsOf(modelId);
        FolderLayout.Name("artifact name", name);
        return Task.Run<IReadOnlyList<DateOnly>>(
            () =>
            {
                List<DateOnly> dates = [];
                foreach (string path in Directory.Exists(folder) ? Directory.EnumerateDirectories(folder) : [])
                {
                    if (DateOnly.TryParseExact(Path.GetFileName(path), DateRange.Format, out var date) && File.Exists(Path.Combine(path, name)))
                        dates.Add(date);
                }
                dates.Sort();
                return dates;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<ArtifactName>> ListAsync(string modelId, CancellationToken cancellationToken)
    {
        string folder = layout.ArtifactsOf(modelId);
        return Task.Run<IReadOnlyList<ArtifactName>>(
            () =>
            {
                List<ArtifactName> names = [];
                foreach (string path in Directory.Exists(folder) ? Directory.EnumerateDirectories(folder) : [])
                {
                    if (DateOnly.TryParseExact(Path.GetFileName(path), DateRange.Format, out var date))
                        names.AddRange(
                            from file in Directory.EnumerateFiles(path)
                            where !file.EndsWith(DurableFile.TemporarySuffix, StringComparison.Ordinal)
                            select new ArtifactName(date, Path.GetFileName(file)));
                }
                return [.. names.OrderBy(name => name.AsOf).ThenBy(name => name.Name, StringComparer.Ordinal)];
            },
            cancellationToken);
    }

    /// <summary>Checks every artifact of every model, by model, date and name.</summary>
    public async IAsyncEnumerable<KeptFinding> VerifyAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string[] models = Directory.Exists(layout.Artifacts) ? [.. Directory.EnumerateDirectories(layout.Artifacts).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)] : [];
        foreach (string modelId in models)
        {
            foreach (var (asOf, name) in await ListAsync(modelId, cancellationToken))
                yield return new KeptFinding(KeptKind.Artifact, modelId, asOf, name, await ProblemOfAsync(modelId, asOf, name, cancellationToken));
        }
    }

    /// <inheritdoc/>
    public async Task DeleteAsync(string modelId, DateOnly asOf, string name, CancellationToken cancellationToken)
    {
        string path = PathOf(modelId, asOf, name);
        try
        {
            using var writerLock = WriterLock.Take(layout.Root);
            using var turn = await writerLock.EnterAsync(path, cancellationToken);
            if (File.Exists(path))
                File.Delete(path);
        }
        catch (Exception error) when (FileFault.IsFileError(error))
        {
            throw FileFault.From($"cannot delete {path}", error);
        }
    }

    private async Task<string?> ProblemOfAsync(string modelId, DateOnly asOf, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(modelId, asOf, name, cancellationToken) is null ? $"{PathOf(modelId, asOf, name)} has gone" : null;
        }
        catch (GridException error)
        {
            return error.Message;
        }
    }

    private static void Write(string path, ReadOnlySpan<byte> content)
    {
        DurableFile.CreateDirectory(Path.GetDirectoryName(path)!);
        DurableFile.Write(path, [.. Prefix(content), .. content]);
    }

    private static byte[] Prefix(ReadOnlySpan<byte> content) => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(content)) + "\n");

    private string PathOf(string modelId, DateOnly asOf, string name) => Path.Combine(
        layout.ArtifactsOf(modelId), DateRange.Text(asOf), FolderLayout.Name("artifact name", name));
}
