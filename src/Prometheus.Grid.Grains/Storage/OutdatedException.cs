namespace Prometheus.Grid.Grains.Storage;

/// <summary>What a call relied on without asking is not so any more. It never leaves its grain.</summary>
internal sealed class OutdatedException() : Exception("what was known of the store is out of date");
