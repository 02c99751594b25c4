using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Models;

/// <summary>The source of files that have a URL of their own.</summary>
internal sealed class Hub(HttpClient client, PullOptions options) : IModelSource
{
    /// <inheritdoc/>
    public async Task FetchAsync(Pull pull, CancellationToken cancellationToken)
    {
        foreach (var file in pull.Missing.Where(file => file.Url is not null).ToArray())
        {
            string host = new Uri(file.Url!).Host;
            await FetchAsync(pull, file, pull.ProgressOf($"{file.Name} from {host}"), cancellationToken);
            pull.Installed(file.Name, host);
        }
    }

    private async Task FetchAsync(Pull pull, ModelFile file, IProgress<double> progress, CancellationToken cancellationToken)
    {
        var download = new Download(client, options, file);
        await using var partial = pull.Open(file);
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
            throw new SourceException($"what {file.Url} gives {wrong}; nothing was installed");
        }
        partial.Install();
    }
}
