namespace Prometheus.Grid.Synthetic;

/// <summary>Files that appear in a folder together, once all are written and flushed; when disposed before that, none does.</summary>
internal sealed class PendingFiles(string folder) : IDisposable
{
    private const string Ending = ".partial";
    private readonly List<(string Name, FileStream Stream)> _files = [];

    public FileStream Create(string name, string header)
    {
        var stream = new FileStream(Path.Combine(folder, name + Ending), FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        _files.Add((name, stream));
        stream.Write(System.Text.Encoding.UTF8.GetBytes(header + "\n"));
        return stream;
    }

    /// <summary>Renames every file into place, in the order of creation.</summary>
    public void Commit()
    {
        foreach (var (_, stream) in _files)
        {
            stream.Flush(flushToDisk: true);
            stream.Dispose();
        }
        foreach (var (name, _) in _files)
            File.Move(Path.Combine(folder, name + Ending), Path.Combine(folder, name), overwrite: true);
        _files.Clear();
    }

    public void Dispose()
    {
        foreach (var (name, stream) in _files)
        {
            stream.Dispose();
            File.Delete(Path.Combine(folder, name + Ending));
        }
    }
}
