using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Tests;

namespace Prometheus.Grid.Columnar.Tests;

public sealed class DamagedFileTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(RoundTripTests.Formats), MemberType = typeof(RoundTripTests))]
    public void A_file_that_was_cut_off_anywhere_is_no_file(ColumnarFormat format)
    {
        byte[] file = Samples.Write(format, Enumerable.Range(0, 40).Select(Samples.Row));
        for (int length = 0; length < file.Length; length += 7)
        {
            var error = Assert.Throws<BadInputException>(() => Samples.Read(format, file[..length], Token));
            Assert.Contains($"allowed: a whole {format} file", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(RoundTripTests.Formats), MemberType = typeof(RoundTripTests))]
    public void A_file_without_its_end_is_no_file(ColumnarFormat format)
    {
        using var file = new MemoryStream();
        using (var writer = new ColumnarWriter(format, file, Samples.Columns, Samples.Metadata))
        {
            for (int i = 0; i < 200_000; i++)
                writer.Write(Samples.Row(i));
        }
        Assert.Throws<BadInputException>(() => Samples.Read(format, file.ToArray(), Token));
    }

    [Theory]
    [MemberData(nameof(RoundTripTests.Formats), MemberType = typeof(RoundTripTests))]
    public void Spoilt_bytes_are_refused_or_read_and_end_nothing(ColumnarFormat format)
    {
        byte[] sound = Samples.Write(format, Enumerable.Range(0, 40).Select(Samples.Row));
        var random = new Random(7);
        int refused = 0;
        for (int trial = 0; trial < 3_000; trial++)
        {
            byte[] file = [.. sound];
            for (int i = random.Next(1, 4); i > 0; i--)
                file[random.Next(file.Length)] = (byte)random.Next(256);
            try
            {
                Samples.Read(format, file, Token);
            }
            catch (BadInputException)
            {
                refused++;
            }
        }
        Assert.True(refused > 100, $"only {refused} were seen");
    }

    [Theory]
    [InlineData(ColumnarFormat.Parquet, false)]
    [InlineData(ColumnarFormat.Parquet, true)]
    [InlineData(ColumnarFormat.Arrow, false)]
    [InlineData(ColumnarFormat.Arrow, true)]
    public async Task A_full_disk_is_reported_as_one(ColumnarFormat format, bool writesBehind)
    {
        const int NoSpace = 28;
        using var disk = await SmallDisk.MountAsync(megabytes: 4);
        var error = Assert.Throws<IOException>(() =>
        {
            using var file = new FileStream(Path.Combine(disk.Path, "table"), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            using var writer = new ColumnarWriter(format, file, [Column.Vector("v", 1024)], Samples.Metadata, writesBehind);
            float[] vector = new float[1024];
            for (int i = 0; i < 10_000; i++)
                writer.Write(new ReadOnlyMemory<float>(vector));
            writer.Complete();
        });
        Assert.Equal(NoSpace, error.HResult);
    }
}
