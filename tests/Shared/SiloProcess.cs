using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Prometheus.Grid.Tests;

/// <summary>A silo in a process of its own, to be stopped, frozen and killed. It ends with this process, however that ends.</summary>
public sealed class SiloProcess : IAsyncDisposable
{
    // The shell says which process the silo is and waits for its own standard input to close; when this process dies, so does the silo.
    private const string EndWithParent = "\"$@\" & silo=$!; echo pid $silo; { read -r _; kill -KILL $silo; } <&3 >&- 2>&- & watcher=$!; wait $silo; code=$?; kill $watcher; exit $code";
    private const string Ready = "grid-silo: ready";

    private readonly Process _shell;
    private readonly StringBuilder _log;
    private readonly int _pid;

    private SiloProcess(Process shell, StringBuilder log, int pid, Uri health)
    {
        _shell = shell;
        _log = log;
        _pid = pid;
        Health = health;
    }

    /// <summary>The silo that GRID_SILO names, or the one beside this program, built in the same configuration; its models are in a folder below.</summary>
    public static string Binaries
    {
        get
        {
            if (Environment.GetEnvironmentVariable("GRID_SILO") is { Length: > 0 } published)
                return published;
            string own = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
            return Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(own))!, "Prometheus.Grid.Silo", Path.GetFileName(own));
        }
    }

    /// <summary>Where the health endpoints are.</summary>
    public Uri Health { get; }

    /// <summary>The process of the silo.</summary>
    public int ProcessId => _pid;

    /// <summary>What the process wrote so far.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    /// <summary>Starts a silo and returns when it is a member of the cluster.</summary>
    /// <param name="postgres">Connection string of the cluster's database, migrated; null for a grid of its own on the folder that <c>Grid__Data</c> names.</param>
    /// <param name="settings">Further settings, for example <c>Grid__Shards</c>.</param>
    /// <param name="onLine">Gets each line that the process writes; null for nobody.</param>
    /// <param name="within">A program with arguments that becomes the silo after it has changed what a process inherits, such as its user; null for none.</param>
    /// <param name="binaries">The folder of another silo than <see cref="Binaries"/>, or null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<SiloProcess> StartAsync(
        string? postgres, IReadOnlyDictionary<string, string>? settings = null, Action<string>? onLine = null, string[]? within = null, string? binaries = null,
        CancellationToken cancellationToken = default)
    {
        int[] ports = FreePorts(3);
        string urls = settings?.GetValueOrDefault("Urls") ?? string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ports[2]}");
        var health = new Uri(urls);
        // 3<&0: a background job of a shell has no standard input, and the watcher needs it.
        var start = new ProcessStartInfo("sh", ["-c", $"exec 3<&0; {EndWithParent}", "sh", .. within ?? [], "dotnet", Path.Combine(binaries ?? Binaries, "grid-silo.dll")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (postgres is not null)
            (start.Environment["Grid__Postgres"], start.Environment["Grid__Address"]) = (postgres, "127.0.0.1");
        start.Environment["Grid__SiloPort"] = ports[0].ToString(CultureInfo.InvariantCulture);
        start.Environment["Grid__GatewayPort"] = ports[1].ToString(CultureInfo.InvariantCulture);
        start.Environment["Urls"] = health.ToString();
        foreach ((string name, string value) in settings ?? new Dictionary<string, string>())
            start.Environment[name] = value;

        var shell = Process.Start(start)!;
        var log = new StringBuilder();
        var pid = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Take(object sender, DataReceivedEventArgs line)
        {
            lock (log)
                log.AppendLine(line.Data);
            if (line.Data is { } text)
                onLine?.Invoke(text);
            if (line.Data?.StartsWith("pid ", StringComparison.Ordinal) == true)
                pid.TrySetResult(int.Parse(line.Data.AsSpan(4), CultureInfo.InvariantCulture));
            if (line.Data?.Contains(Ready, StringComparison.Ordinal) == true)
                ready.TrySetResult();
        }

        shell.EnableRaisingEvents = true;
        shell.Exited += (_, _) =>
        {
            lock (log)
                ready.TrySetException(new InvalidOperationException($"the silo did not start:\n{log}"));
        };
        shell.OutputDataReceived += Take;
        shell.ErrorDataReceived += Take;
        shell.BeginOutputReadLine();
        shell.BeginErrorReadLine();
        await ready.Task.WaitAsync(cancellationToken);
        return new SiloProcess(shell, log, await pid.Task, health);
    }

    /// <summary>Ends the process at once, as a crash of the machine would.</summary>
    public async Task KillAsync()
    {
        await SignalAsync("KILL");
        await _shell.WaitForExitAsync();
    }

    /// <summary>Stops every thread of the process; its connections stay open.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    /// <summary>Lets a frozen process go on.</summary>
    public Task ThawAsync() => SignalAsync("CONT");

    /// <summary>How many files, sockets and pipes the process holds open; 0 when it has ended.</summary>
    public int Handles() => Directory.Exists($"/proc/{_pid}/fd") ? Directory.EnumerateFileSystemEntries($"/proc/{_pid}/fd").Count() : 0;

    /// <summary>The memory that the process holds now, in bytes; 0 when it has ended.</summary>
    public long ResidentBytes() => Status("VmRSS:");

    /// <summary>Asks the process to end, and returns when it has drained.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> StopAsync(CancellationToken cancellationToken)
    {
        await SignalAsync("TERM");
        await _shell.WaitForExitAsync(cancellationToken);
        return _shell.ExitCode;
    }

    /// <summary>Waits until the process has ended by itself.</summary>
    public Task EndedAsync(CancellationToken cancellationToken) => _shell.WaitForExitAsync(cancellationToken);

    /// <summary>The most memory that the process held, in bytes; 0 when it has ended.</summary>
    public long PeakBytes() => Status("VmHWM:");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_shell.HasExited)
            await KillAsync();
        _shell.Dispose();
    }

    private long Status(string field)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{_pid}/status").FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal));
            return line is null ? 0 : 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _pid.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Ports of this machine that nobody uses.</summary>
    public static int[] FreePorts(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        foreach (var listener in listeners)
            listener.Start();
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        foreach (var listener in listeners)
            listener.Stop();
        return ports;
    }
}
