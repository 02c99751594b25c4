using Prometheus.Grid.Core.Encoders;
using Prometheus.Grid.Core.Tests.Fakes;

namespace Prometheus.Grid.Core.Tests.Encoders;

/// <summary>Runs the shipped v2 models over a store in memory.</summary>
internal static class V2
{
    public static EncoderContext Context(MemoryStore store, string modelId, DateOnly asOf) =>
        new(Catalogs.Shipped.Model(modelId), asOf, null, store, store, store);

    public static Task<IPriceEncoder> PriceEncoderAsync(MemoryStore store, string modelId, DateOnly asOf, int workers = 2) =>
        EncoderRegistry.BuiltIn(workers).PriceAsync(Context(store, modelId, asOf), TestContext.Current.CancellationToken);

    /// <summary>Vectors by instrument; skipped ones are left out.</summary>
    public static async Task<Dictionary<string, float[]>> PricesAsync(MemoryStore store, string modelId, DateOnly asOf, int workers = 2)
    {
        var encoder = await PriceEncoderAsync(store, modelId, asOf, workers);
        var vectors = new Dictionary<string, float[]>(StringComparer.Ordinal);
        foreach ((string id, var series) in store.Prices)
        {
            float[] vector = new float[encoder.Dimension];
            if (encoder.Encode(series.Within(new DateRange(asOf.AddDays(-encoder.LookbackCalendarDays), asOf)), vector) is null)
                vectors.Add(id, vector);
        }
        return vectors;
    }

    public static double Cosine(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double xy = 0, xx = 0, yy = 0;
        for (int i = 0; i < x.Length; i++)
        {
            xy += (double)x[i] * y[i];
            xx += (double)x[i] * x[i];
            yy += (double)y[i] * y[i];
        }
        return xy / Math.Sqrt(xx * yy);
    }
}
