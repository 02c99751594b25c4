using System.Diagnostics;
using System.Globalization;
using Prometheus.Grid.Similarity;
using Prometheus.Grid.Similarity.Kernels;

namespace Prometheus.Grid.Bench.Similarity;

/// <summary>
/// Counts answers that differ from a naive double-precision search: for every kernel that this processor runs, forced in turn, and again in whole
/// processes whose instruction sets are switched off, over one shard and over several that hold the rows in any order.
/// </summary>
internal static class Exactness
{
    private const int Top = 10;

    /// <summary>Two double sums of the same 384 numbers in another order differ by less; rows that close may change places, and nothing else may.</summary>
    private const double Rounding = 2e-14;

    /// <summary>Ties by ordinal, so that answers do not depend on which shard holds a row.</summary>
    private static readonly HitOrder s_byOrdinal = new(Comparer<Hit>.Create((x, y) => x.Ordinal.CompareTo(y.Ordinal)));

    /// <summary>The runtime's own switches, and the kernel that is the fastest one left on a processor with AVX-512.</summary>
    private static readonly (string Switch, string Kernel)[] s_processes =
        [("DOTNET_EnableAVX512", "AVX2"), ("DOTNET_EnableAVX2", "SSSE3"), ("DOTNET_EnableHWIntrinsic", "scalar")];

    public static void Run(Report report, int queriesEach)
    {
        var differences = Ask(NibbleKernel.Supported(), queriesEach);
        foreach (var (kernel, (asked, wrong)) in differences)
            report.Add("exactness", $"{kernel}: differences in {asked:N0} answers, over 1 and 3 shards", wrong, "answers", 0);
        foreach (var (name, kernel) in s_processes)
        {
            var (asked, wrong, ran) = AskProcess(name, kernel == "scalar" ? Math.Max(1, queriesEach / 20) : queriesEach);
            report.Add("exactness", $"{name}=0, {ran}: differences in {asked:N0} answers", wrong, "answers", 0);
            if (Avx512Kernel.IsSupported && ran != kernel) throw new InvalidOperationException($"{name}=0 ran the kernel {ran} and not {kernel}");
        }
    }

    /// <summary>What a process of <see cref="s_processes"/> does: its own kernel only, one line of answers, differences and kernel.</summary>
    public static int RunOwnKernel(int queriesEach)
    {
        var (asked, wrong) = Ask([NibbleKernel.Current], queriesEach)[NibbleKernel.Current.Name];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{asked} {wrong} {NibbleKernel.Current.Name}"));
        return 0;
    }

    private static (int Asked, int Wrong, string Kernel) AskProcess(string name, int queriesEach)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["similarity", "--own-kernel", queriesEach.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardOutput = true };
        start.Environment[name] = "0";
        using var process = Process.Start(start)!;
        string[] said = process.StandardOutput.ReadToEnd().Split(' ', StringSplitOptions.TrimEntries);
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"the process with {name}=0 ended with {process.ExitCode}");
        return (int.Parse(said[0], CultureInfo.InvariantCulture), int.Parse(said[1], CultureInfo.InvariantCulture), said[2]);
    }

    private static Dictionary<string, (int Asked, int Wrong)> Ask(IReadOnlyList<NibbleKernel> kernels, int queriesEach)
    {
        var differences = kernels.ToDictionary(kernel => kernel.Name, _ => (Asked: 0, Wrong: 0));
        foreach (var (rows, targets) in ExactnessRows.All(queriesEach))
        {
            var sources = Sources(rows);
            var searchers = kernels.Select(kernel => new Searcher { Kernel = kernel }).ToArray();
            Parallel.For(0, targets.Length / Workload.Dimensions, q =>
            {
                var query = new VectorQuery(targets.AsMemory(q * Workload.Dimensions, Workload.Dimensions), Top) { Order = s_byOrdinal };
                var expected = Oracle(rows, query.Vector.Span);
                for (int k = 0; k < searchers.Length; k++)
                {
                    // The scalar definition is a hundred times slower; a twentieth of the queries still crosses every branch.
                    if (kernels.Count > 1 && kernels[k].Name == "scalar" && q % 20 > 0) continue;
                    int wrong = 0;
                    foreach (var source in sources)
                    {
                        if (!Same(expected, searchers[k].Search(source, query))) wrong++;
                    }
                    lock (differences)
                    {
                        var (asked, before) = differences[kernels[k].Name];
                        differences[kernels[k].Name] = (asked + sources.Length, before + wrong);
                    }
                }
            });
        }
        return differences;
    }

    /// <summary>The rows as one shard, and put one by one in a shuffled order into three.</summary>
    private static SearchSource[][] Sources(float[] rows)
    {
        var shape = new RowShape(Workload.Dimensions);
        var whole = Shard.Build(shape, rows);
        whole.Encode();
        var parts = Enumerable.Range(0, 3).Select(_ => new Shard(shape)).ToArray();
        int[] order = Enumerable.Range(0, rows.Length / Workload.Dimensions).ToArray();
        new Random(1).Shuffle(order);
        for (int i = 0; i < order.Length; i++) parts[i % parts.Length].Put(order[i], rows.AsSpan(order[i] * Workload.Dimensions, Workload.Dimensions));
        return [[new SearchSource(whole)], [.. parts.Select(part => new SearchSource(part))]];
    }

    private static (int Ordinal, double Cosine)[] Oracle(float[] rows, ReadOnlySpan<float> query)
    {
        var all = new (int Ordinal, double Cosine, double Distance)[rows.Length / Workload.Dimensions];
        for (int r = 0; r < all.Length; r++)
        {
            double dot = 0, rowSquared = 0, querySquared = 0, gap = 0;
            var row = rows.AsSpan(r * Workload.Dimensions, Workload.Dimensions);
            for (int d = 0; d < row.Length; d++)
            {
                double x = row[d], q = query[d];
                (dot, rowSquared, querySquared, gap) = (dot + x * q, rowSquared + x * x, querySquared + q * q, gap + (x - q) * (x - q));
            }
            all[r] = (r, rowSquared == 0 || querySquared == 0 ? 0 : dot / (Math.Sqrt(rowSquared) * Math.Sqrt(querySquared)), Math.Sqrt(gap));
        }
        // One more than asked for: the last answer may tie with it up to rounding.
        return [.. all.OrderByDescending(hit => hit.Cosine).ThenBy(hit => hit.Distance).ThenBy(hit => hit.Ordinal).Take(Top + 1).Select(hit => (hit.Ordinal, hit.Cosine))];
    }

    private static bool Same((int Ordinal, double Cosine)[] expected, Hit[] actual)
    {
        if (actual.Length != Math.Min(Top, expected.Length)) return false;
        for (int i = 0; i < actual.Length; i++)
        {
            if (Math.Abs(expected[i].Cosine - actual[i].Cosine) > Rounding) return false;
            if (expected[i].Ordinal == actual[i].Ordinal) continue;
            if (!expected.Any(other => other.Ordinal == actual[i].Ordinal && Math.Abs(other.Cosine - expected[i].Cosine) <= Rounding)
                && Math.Abs(expected[^1].Cosine - actual[i].Cosine) > Rounding) return false;
        }
        return true;
    }
}
