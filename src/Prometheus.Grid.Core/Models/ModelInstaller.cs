using System.Security.Cryptography;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Core.Models;

/// <summary>
/// Installs the files of models. A file appears under its name only when its size and SHA-256 are those of the manifest; until then it is
/// <c>NAME.partial</c>, which an interrupted download leaves behind and the next one continues.
/// </summary>
/// <param name="client">Downloads with it.</param>
/// <param name="stallLimit">Gives up when a server has sent nothing for this long.</param>
public sealed class ModelInstaller(HttpClient client, TimeSpan stallLimit)
{
    /// <summary>A minute without a byte is an interrupted download.</summary>
    public static TimeSpan DefaultStallLimit { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Downloads a file, unless it is there already.</summary>
    /// <param name="model">The model.</param>
    /// <param name="file">One of its files.</param>
    /// <param name="progress">Told the share that is there, 0 to 1; may be null.</param>
    /// <param name="cancellationToken">Interrupts the download; what has arrived is kept.</param>
    /// <returns>False when the right file was there already.</returns>
    /// <exception cref="GridFaultException">
    /// The file has no URL, the server cannot be reached or gives something else, the download was interrupted, or the disk is full; the
    /// message says which, and what to do.
    /// </exception>
    public async Task<bool> PullAsync(ModelManifest model, ModelFile file, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        string path = ModelFiles.PathOf(model, file);
        if (await ModelFiles.ProblemAsync(path, file, cancellationToken) is not { } problem)
            return false;
        if (file.Url is null)
            throw new GridFaultException($"{path} {problem}; it ships with the product and has no URL, take it from a fresh copy");

        var download = new ModelDownload(client, stallLimit, model, file);
        await using (var partial = PartialFile.Open(path, file))
        {
            bool resumed = partial.Length > 0;
            await download.RunAsync(partial, progress, cancellationToken);
            if (resumed && await partial.ProblemAsync(cancellationToken) is not null)
            {
                // What an earlier download left may be of another file; that of this one is judged alone.
                partial.Restart();
                await download.RunAsync(partial, progress, cancellationToken);
            }
            if (await partial.ProblemAsync(cancellationToken) is { } wrong)
            {
                partial.Discard();
                throw new GridFaultException($"what {file.Url} gives {wrong}; nothing was installed");
            }
            partial.Install();
        }
        return true;
    }

    /// <summary>Copies a file of the user's own into its place.</summary>
    /// <param name="model">The model.</param>
    /// <param name="source">The file; which of the model's it is follows from size and SHA-256.</param>
    /// <param name="cancellationToken">Ends the copy; nothing is installed then.</param>
    /// <returns>Which file it is.</returns>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    /// <exception cref="BadInputException">It is no file of this model.</exception>
    /// <exception cref="GridFaultException">The disk is full.</exception>
    public static async Task<ModelFile> InstallAsync(ModelManifest model, string source, CancellationToken cancellationToken)
    {
        if (!File.Exists(source))
            throw new NotFoundException("file", source);
        long size = new FileInfo(source).Length;
        string sha256;
        await using (var content = File.OpenRead(source))
            sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken));
        var file = model.Files.FirstOrDefault(f => f.Size == size && f.Sha256 == sha256);
        if (file is null)
        {
            string wanted = string.Join("; ", model.Files.Select(f => $"{f.Name} of {f.Size} bytes with SHA-256 {f.Sha256}"));
            throw new BadInputException("--from", source, $"a file of {model.ModelId}: {wanted}; this one has {size} bytes and SHA-256 {sha256}");
        }
        await using var partial = PartialFile.Open(ModelFiles.PathOf(model, file), file);
        partial.Restart();
        await using (var content = File.OpenRead(source))
            await partial.AppendAsync(content, null, cancellationToken);
        if (await partial.ProblemAsync(cancellationToken) is { } problem)
        {
            partial.Discard();
            throw new GridFaultException($"{source} changed while it was copied: the copy {problem}", canRetry: true);
        }
        partial.Install();
        return file;
    }
}
