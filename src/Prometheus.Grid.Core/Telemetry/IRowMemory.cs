namespace Prometheus.Grid.Core.Telemetry;

/// <summary>Keeps rows in memory between searches, and says how much.</summary>
public interface IRowMemory
{
    /// <summary>Bytes that the rows may take.</summary>
    long LimitBytes { get; }

    /// <summary>The rows that are kept, and the bytes that they take. Asked a few times a minute, from any thread.</summary>
    (long Rows, long Bytes) Held();
}
