namespace Prometheus.Grid.Bench.Cluster;

/// <summary>A folder for the length of a measurement.</summary>
internal sealed class ScratchFolder : IDisposable
{
    /// <summary>Where it is.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("grid-bench-").FullName;

    /// <summary>Waits until it holds so many snapshots, and none is being written.</summary>
    public async Task HoldsAsync(int snapshots, CancellationToken cancellationToken)
    {
        while (Directory.GetFiles(Path, "*.rows").Length < snapshots || Directory.GetFiles(Path, "*.unfinished").Length > 0)
            await Task.Delay(100, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Path, recursive: true);
}
