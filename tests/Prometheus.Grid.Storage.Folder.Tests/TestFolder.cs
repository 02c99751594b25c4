using Xunit;

namespace Prometheus.Grid.Storage.Folder.Tests;

/// <summary>A folder of a test's own, gone when the test is.</summary>
internal sealed class TestFolder : IDisposable
{
    public TestFolder() => Path = Directory.CreateTempSubdirectory("grid-folder-test-").FullName;

    public string Path { get; }

    /// <summary>The path of a file in the folder.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a file of the folder.</summary>
    public TestFolder With(string name, string content)
    {
        System.IO.File.WriteAllText(File(name), content);
        return this;
    }

    /// <summary>Opens the folder as a store.</summary>
    public Task<FolderStore> OpenAsync(TimeProvider? time = null) => FolderStore.OpenAsync(
        Path, new FolderStoreOptions { Time = time ?? TimeProvider.System }, TestContext.Current.CancellationToken);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
