using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Prometheus.Grid.Similarity.Tests;

/// <summary>Seeded rows of the kinds that a search meets.</summary>
internal static class Samples
{
    public static readonly string[] Kinds = ["uniform", "clustered", "duplicated", "near-zero", "large", "spiky", "collinear"];

    public static float[] Rows(string kind, int count, int dimensions, int seed)
    {
        var random = new Random(seed);
        float[] rows = new float[count * dimensions];
        double[] centres = Normal(random, 16 * dimensions);
        for (int r = 0; r < count; r++)
        {
            var row = rows.AsSpan(r * dimensions, dimensions);
            for (int d = 0; d < dimensions; d++) row[d] = (float)Normal(random);
            switch (kind)
            {
                case "clustered":
                    int centre = random.Next(16) * dimensions;
                    for (int d = 0; d < dimensions; d++) row[d] = (float)((centres[centre + d] + 0.2 * row[d]) / Math.Sqrt(d + 1));
                    break;
                case "duplicated" when r > 0 && random.Next(4) > 0:
                    rows.AsSpan(random.Next(r) * dimensions, dimensions).CopyTo(row);
                    break;
                case "near-zero":
                    float small = random.Next(4) switch { 0 => 0f, 1 => 1e-42f, 2 => 1e-20f, _ => 1f };
                    for (int d = 0; d < dimensions; d++) row[d] *= small;
                    break;
                case "large":
                    // Prices and volumes as the first numeric encoder leaves them: 1e2, 1e8 and 1e-2 side by side.
                    for (int d = 0; d < dimensions; d++) row[d] = (d % 3) switch { 0 => 100 + row[d], 1 => 1e8f * MathF.Abs(row[d]), _ => 0.01f * row[d] };
                    break;
                case "spiky":
                    for (int d = 0; d < dimensions; d++) row[d] = d == r % dimensions ? 50 : 0.01f * row[d];
                    break;
                case "collinear":
                    // Whole multiples of few rows: equal cosines up to rounding, told apart by distance.
                    int multiple = 1 << random.Next(6);
                    for (int d = 0; d < dimensions; d++) row[d] = multiple * (float)centres[random.Next(1) + r % 16 * dimensions + d];
                    break;
            }
        }
        return rows;
    }

    /// <summary>All vectors of so many numbers in a file of the reference data, where they stand as float32 in base64.</summary>
    public static float[] Golden(string path, int dimensions)
    {
        var found = new List<float>();
        Collect(JsonDocument.Parse(File.ReadAllBytes(path)).RootElement);
        return [.. found];

        void Collect(JsonElement element)
        {
            if (element.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in element.EnumerateArray()) Collect(item);
            }
            else if (element.ValueKind == JsonValueKind.Object)
            {
                foreach (var property in element.EnumerateObject())
                {
                    if (property.NameEquals("b64_f32le")) Add(property.Value.GetBytesFromBase64());
                    else Collect(property.Value);
                }
            }
            else if (element.ValueKind == JsonValueKind.String && element.GetString()!.Length == dimensions * sizeof(float) / 3 * 4)
            {
                Add(element.GetBytesFromBase64());
            }
        }

        void Add(byte[] bytes)
        {
            var row = MemoryMarshal.Cast<byte, float>(bytes);
            // One golden portfolio has a metric that is not finite, which a shard refuses.
            if (row.Length == dimensions && TensorPrimitives.IsFiniteAll(row)) found.AddRange(row);
        }
    }

    /// <summary>A shard whose codes are made; one that is only built compares vectors for its first queries.</summary>
    public static Shard Coded(RowShape shape, float[] rows)
    {
        var shard = Shard.Build(shape, rows);
        shard.Encode(TestContext.Current.CancellationToken);
        return shard;
    }

    public static double[] Normal(Random random, int count)
    {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) values[i] = Normal(random);
        return values;
    }

    public static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
