namespace Prometheus.Grid.Core.Search;

/// <summary>Products of stored float32 vectors, summed in double: volumes of 1e8 shares square to 1e16, beyond float32's digits.</summary>
public static class Products
{
    /// <summary>Inner product of two vectors of equal length.</summary>
    public static double Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
            sum += (double)x[i] * y[i];
        return sum;
    }

    /// <summary>Cosine, 0 when either vector is zero.</summary>
    public static double Cosine(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double norms = Math.Sqrt(Dot(x, x)) * Math.Sqrt(Dot(y, y));
        return norms == 0 ? 0 : Math.Clamp(Dot(x, y) / norms, -1, 1);
    }

    /// <summary>Euclidean distance of two vectors of equal length.</summary>
    public static double Distance(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double difference = (double)x[i] - y[i];
            sum += difference * difference;
        }
        return Math.Sqrt(sum);
    }
}
