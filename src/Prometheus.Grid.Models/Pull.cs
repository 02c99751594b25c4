using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Models;

/// <summary>Somewhere that files of a model can be had.</summary>
internal interface IModelSource
{
    /// <summary>Installs those of the missing files that it has.</summary>
    /// <exception cref="SourceException">It cannot; what it has installed until then stays.</exception>
    Task FetchAsync(Pull pull, CancellationToken cancellationToken);
}

/// <summary>What one pull has to do, and has done.</summary>
internal sealed class Pull(ModelManifest model, IPullListener? listener)
{
    private readonly Dictionary<string, string> _sources = new(StringComparer.Ordinal);

    /// <summary>Files that are not there yet, as their first source has them.</summary>
    public List<ModelFile> Missing { get; } = [];

    /// <summary>All files of the model, and where each came from.</summary>
    public IReadOnlyList<PulledFile> Files => [.. model.Files.Select(file => new PulledFile(file.Name, _sources.GetValueOrDefault(file.Name)))];

    /// <summary>The folder in which fetched files lie.</summary>
    public string Folder => Path.GetDirectoryName(ModelFiles.PathOf(model, Missing[0].Name))!;

    public PartialFile Open(ModelFile file) => PartialFile.Open(ModelFiles.PathOf(model, file.Name), file);

    public IProgress<double> ProgressOf(string what) => new Progress(what, listener);

    /// <summary>Notes that a file is there now, whole and checked.</summary>
    public void Installed(string fileName, string source)
    {
        Missing.RemoveAll(file => file.Name == fileName);
        _sources[fileName] = source;
    }

    // Not System.Progress, which reports on other threads and out of order.
    private sealed class Progress(string what, IPullListener? listener) : IProgress<double>
    {
        public void Report(double value) => listener?.Progressed(what, value);
    }
}
