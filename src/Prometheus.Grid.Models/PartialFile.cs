using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Core.Models;

namespace Prometheus.Grid.Models;

/// <summary>A model file in the making. It has no name of its own until <see cref="Install"/>.</summary>
internal sealed class PartialFile : IAsyncDisposable
{
    private const int BufferSize = 128 * 1024;

    private readonly string _path;
    private readonly ModelFile _file;
    private readonly FileStream _stream;

    private PartialFile(string path, ModelFile file, FileStream stream)
    {
        _path = path;
        _file = file;
        _stream = stream;
    }

    /// <summary>Bytes that are there.</summary>
    public long Length => _stream.Length;

    private string PartialPath => _path + ".partial";

    /// <summary>Opens what an earlier attempt has left, or begins anew.</summary>
    /// <exception cref="GridFaultException">Another process is at it, the folder cannot be written to, or the disk has no room.</exception>
    public static PartialFile Open(string path, ModelFile file)
    {
        string folder = Path.GetDirectoryName(path)!;
        try
        {
            Directory.CreateDirectory(folder);
            var stream = new FileStream(path + ".partial", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            var partial = new PartialFile(path, file, stream);
            long free = new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;
            if (free >= file.Size - partial.Length)
                return partial;
            partial.Discard();
            throw NoSpace(path, file, $"{free} are free");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GridFaultException($"cannot write {path}: {error.Message}", canRetry: error is IOException, error);
        }
    }

    /// <summary>Appends a stream until its end, or until there is one byte more than there should be: a server must not fill the disk.</summary>
    /// <param name="source">Read to its end; its errors reach the caller as they are.</param>
    /// <param name="progress">Told the share that is there, 0 to 1; may be null.</param>
    /// <param name="cancellationToken">Ends the copy; what has arrived is kept.</param>
    /// <exception cref="GridFaultException">The disk is full; the partial file is gone then.</exception>
    public async Task AppendAsync(Stream source, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        _stream.Seek(0, SeekOrigin.End);
        byte[] buffer = new byte[BufferSize];
        for (int read; Length <= _file.Size && (read = await source.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            try
            {
                await _stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
            catch (IOException error)
            {
                Discard();
                throw NoSpace(_path, _file, error.Message);
            }
            progress?.Report(Math.Min(1, (double)Length / _file.Size));
        }
    }

    /// <summary>What is wrong with the content, as the rest of a sentence; null when it is what the manifest says.</summary>
    public async Task<string?> ProblemAsync(CancellationToken cancellationToken)
    {
        _stream.Seek(0, SeekOrigin.Begin);
        return await ModelFiles.ProblemAsync(_stream, [_file], cancellationToken);
    }

    /// <summary>Forgets what is there.</summary>
    public void Restart()
    {
        if (Length > 0)
            _stream.SetLength(0);
    }

    /// <summary>Deletes what is there.</summary>
    public void Discard()
    {
        _stream.Dispose();
        File.Delete(PartialPath);
    }

    /// <summary>Gives the file its name, once its bytes are on the disk.</summary>
    public void Install()
    {
        _stream.Flush(flushToDisk: true);
        _stream.Dispose();
        File.Move(PartialPath, _path, overwrite: true);
    }

    /// <summary>Keeps what has arrived for the next attempt; where nothing has, nothing stays.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stream.CanRead && Length == 0)
            Discard();
        await _stream.DisposeAsync();
    }

    private static GridFaultException NoSpace(string path, ModelFile file, string detail) =>
        new($"no space for {path}: {file.Size} bytes are needed, {detail}; nothing was installed, and the same command works once there is room", canRetry: true);
}
