using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Storage.Folder.Files;

/// <summary>
/// Lets one process at a time write to a data folder; readers need no lock. The operating system holds the lock and drops it with its
/// process, however that ends, so a dead writer never blocks the next. A file beside it says who holds it: for the error message, and
/// to tell a live writer where the file system ignores locks.
/// </summary>
internal sealed class WriterLock : IDisposable
{
    // EWOULDBLOCK of Linux and macOS, the sharing violation of Windows, and our own finding.
    private const int HeldUnix = 11;
    private const int HeldMac = 35;
    private const int HeldWindows = unchecked((int)0x80070020);
    private const int NamedAlive = -1;

    private static readonly Lock s_gate = new();
    private static readonly Dictionary<string, Held> s_held = new(StringComparer.Ordinal);

    private readonly string _path;
    private readonly Held _held;
    private bool _isDisposed;

    private WriterLock(string path, Held held)
    {
        _path = path;
        _held = held;
    }

    /// <summary>Takes the lock of a folder; stores of one process share it.</summary>
    /// <exception cref="GridFaultException">Another process holds it.</exception>
    public static WriterLock Take(string root)
    {
        string path = Path.Combine(Path.GetFullPath(root), ".writer.lock");
        lock (s_gate)
        {
            if (!s_held.TryGetValue(path, out var held))
                s_held[path] = held = new Held(Acquire(path));
            held.Count++;
            return new WriterLock(path, held);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (s_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            if (--_held.Count > 0)
                return;
            s_held.Remove(_path);
            DurableFile.TryDelete(HolderPath(_path));
            _held.File.Dispose();
        }
    }

    /// <summary>Waits until no other task of this process changes <paramref name="partition"/>; disposing lets the next one in.</summary>
    public async Task<IDisposable> EnterAsync(string partition, CancellationToken cancellationToken)
    {
        var turn = _held.Turns.GetOrAdd(partition, _ => new SemaphoreSlim(1, 1));
        await turn.WaitAsync(cancellationToken);
        return new Turn(turn);
    }

    private static FileStream Acquire(string path)
    {
        FileStream? file = null;
        try
        {
            // FileShare.None is flock(LOCK_EX) on Unix and a sharing mode on Windows; the file itself stays, since deleting a locked
            // file would let two processes lock two files of one name.
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            if (Holder.Read(HolderPath(path)) is { } holder && holder.IsAliveHere && holder != Holder.Self)
                throw new IOException("a live process is named", NamedAlive);
            DurableFile.TryDelete(HolderPath(path));
            File.WriteAllBytes(HolderPath(path), Holder.Self.ToBytes());
            return file;
        }
        catch (Exception error) when (FileFault.IsFileError(error))
        {
            file?.Dispose();
            if (!IsHeld(error))
                throw FileFault.From($"cannot lock {path} for writing", error);
            throw new GridFaultException(
                $"{Path.GetDirectoryName(path)} is being written by {Holder.Read(HolderPath(path))?.ToString() ?? "another process"}; wait until it is done", canRetry: true, error);
        }
    }

    /// <summary>True when a file cannot be opened because somebody else has locked it.</summary>
    public static bool IsHeld(Exception error) => error.HResult is HeldUnix or HeldMac or HeldWindows or NamedAlive;

    private static string HolderPath(string lockPath) => lockPath + ".holder";

    private sealed class Held(FileStream file)
    {
        public FileStream File { get; } = file;

        public int Count { get; set; }

        public ConcurrentDictionary<string, SemaphoreSlim> Turns { get; } = new(StringComparer.Ordinal);
    }

    private sealed class Turn(SemaphoreSlim semaphore) : IDisposable
    {
        public void Dispose() => semaphore.Release();
    }

    /// <summary>A process that writes. Its start tells it from a later process of the same number.</summary>
    private sealed record Holder(int ProcessId, string Host, string Started)
    {
        public static Holder Self { get; } = new(Environment.ProcessId, Environment.MachineName, StartOf(Environment.ProcessId) ?? "");

        public bool IsAliveHere => Host == Environment.MachineName && StartOf(ProcessId) == Started;

        public override string ToString() => $"process {ProcessId} on {Host}";

        public static Holder? Read(string path)
        {
            try
            {
                using var text = JsonDocument.Parse(File.ReadAllBytes(path));
                var holder = text.RootElement;
                return new Holder(
                    holder.GetProperty("process_id").GetInt32(), holder.GetProperty("host").GetString()!, holder.GetProperty("started").GetString()!);
            }
            catch (Exception error) when (FileFault.IsFileError(error) || error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                // Absent, or half written by a process that was killed: nobody to name.
                return null;
            }
        }

        public byte[] ToBytes() => Encoding.UTF8.GetBytes(
            $$"""{"process_id": {{ProcessId}}, "host": "{{JsonEncodedText.Encode(Host)}}", "started": "{{JsonEncodedText.Encode(Started)}}"}""" + "\n");

        /// <summary>
        /// When a process of this machine started, as text to compare; null when there is none. On Linux in clock ticks since boot (field
        /// 22 of /proc/PID/stat), which no change of the wall clock moves.
        /// </summary>
        private static string? StartOf(int processId)
        {
            try
            {
                if (OperatingSystem.IsLinux())
                {
                    string stat = File.ReadAllText($"/proc/{processId}/stat");
                    // Field 2 is the program's name in brackets and may hold anything.
                    return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[19];
                }
                using var process = Process.GetProcessById(processId);
                return process.StartTime.ToUniversalTime().ToString("O");
            }
            catch (Exception error) when (FileFault.IsFileError(error) || error is ArgumentException or InvalidOperationException)
            {
                return null;
            }
        }
    }
}
