namespace Prometheus.Grid.Synthetic.Tests;

/// <summary>A folder of the test's own that goes with it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("grid-synthetic-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
