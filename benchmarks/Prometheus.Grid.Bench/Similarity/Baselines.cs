using System.Diagnostics;
using System.Numerics.Tensors;
using System.Text.Json;

namespace Prometheus.Grid.Bench.Similarity;

/// <summary>What the engine is compared with, on the same rows in the same run.</summary>
internal static class Baselines
{
    /// <summary>Every row through TensorPrimitives.Dot (the rows are of unit length), the best ten kept; the rows split over all cores.</summary>
    public static float[] NaiveScan(float[] rows, ReadOnlyMemory<float> query, int top)
    {
        int lanes = Environment.ProcessorCount;
        int count = rows.Length / Workload.Dimensions;
        var best = new PriorityQueue<int, float>[lanes];
        Parallel.For(0, lanes, lane =>
        {
            var heap = best[lane] = new PriorityQueue<int, float>();
            for (int r = (int)((long)count * lane / lanes); r < (int)((long)count * (lane + 1) / lanes); r++)
            {
                float cosine = TensorPrimitives.Dot(rows.AsSpan(r * Workload.Dimensions, Workload.Dimensions), query.Span);
                if (heap.Count < top) heap.Enqueue(r, cosine);
                else if (heap.TryPeek(out _, out float least) && cosine > least) heap.EnqueueDequeue(r, cosine);
            }
        });
        return [.. best.SelectMany(heap => heap.UnorderedItems).Select(item => item.Priority).OrderDescending().Take(top)];
    }

    /// <summary>Reads all rows once, adding them up: what the memory can deliver to all cores.</summary>
    public static float Probe(float[] rows)
    {
        int lanes = Environment.ProcessorCount;
        float[] sums = new float[lanes];
        Parallel.For(0, lanes, lane =>
        {
            int end = (int)((long)rows.Length * (lane + 1) / lanes);
            for (int start = (int)((long)rows.Length * lane / lanes); start < end; start += 1 << 16)
                sums[lane] += TensorPrimitives.Sum(rows.AsSpan(start, Math.Min(1 << 16, end - start)));
        });
        return sums.Sum();
    }

    /// <summary>Median milliseconds of the peers by batch size, through the peer script; empty where it or its Python is missing.</summary>
    public static Dictionary<(string Peer, int Batch), double> Peers(float[] rows, float[] queries)
    {
        var found = new Dictionary<(string, int), double>();
        string script = Environment.GetEnvironmentVariable("GRID_PEERS") ?? "";
        if (!File.Exists(script) || !File.Exists("/usr/bin/python3"))
        {
            Console.Error.WriteLine($"peers: GRID_PEERS is '{script}'; allowed: a script that times other libraries, run by /usr/bin/python3");
            return found;
        }
        Directory.CreateDirectory(BenchFolders.Data);
        string baseFile = Path.Combine(BenchFolders.Data, "base.npy"), many = Path.Combine(BenchFolders.Data, "queries.npy"), one = Path.Combine(BenchFolders.Data, "query.npy");
        Workload.WriteNpy(baseFile, rows);
        Workload.WriteNpy(many, queries);
        Workload.WriteNpy(one, queries.AsSpan(0, Workload.Dimensions));
        // USearch takes a minute and more for 256 queries of a million rows, so it is asked for one.
        foreach (var (file, withUsearch) in new[] { (many, false), (one, true) })
        {
            var start = new ProcessStartInfo("/usr/bin/python3", [script, baseFile, file]) { RedirectStandardOutput = true };
            if (!withUsearch) start.Environment.Remove("USEARCH_DIR");
            using var process = Process.Start(start)!;
            while (process.StandardOutput.ReadLine() is { } line)
            {
                using var said = JsonDocument.Parse(line);
                found[(said.RootElement.GetProperty("peer").GetString()!, said.RootElement.GetProperty("batch").GetInt32())] = said.RootElement.GetProperty("ms").GetDouble();
            }
            process.WaitForExit();
        }
        File.Delete(baseFile);
        return found;
    }
}
