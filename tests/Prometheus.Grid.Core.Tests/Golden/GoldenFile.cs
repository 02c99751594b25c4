using System.Runtime.InteropServices;
using System.Text.Json;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Core.Tests.Golden;

/// <summary>Reads the vectors that were computed independently of this project.</summary>
internal static class GoldenFile
{
    public static JsonElement Read(string name) =>
        JsonDocument.Parse(File.ReadAllBytes(TestData.Path("golden", name))).RootElement;

    public static float[] Vector(JsonElement vector) =>
        MemoryMarshal.Cast<byte, float>(vector.GetProperty("b64_f32le").GetBytesFromBase64()).ToArray();

    public static void AssertSameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
                Assert.Fail($"{what}: value {i} is {actual[i]:R}, expected {expected[i]:R}");
        }
    }
}
