using Apache.Arrow;
using Apache.Arrow.Compression;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;
using FsCheck;
using FsCheck.Fluent;

namespace Prometheus.Grid.Columnar.Tests;

public sealed class RoundTripTests
{
    private static readonly Gen<object?[]> s_rows =
        from id in ArbMap.Default.GeneratorFor<UnicodeString>().Select(text => (string?)text.Item).OrNull()
        from day in Gen.Choose(0, DateOnly.MaxValue.DayNumber).Select(day => day % 5 == 0 ? (DateOnly?)null : DateOnly.FromDayNumber(day))
        from rank in ArbMap.Default.GeneratorFor<int?>()
        from value in ArbMap.Default.GeneratorFor<double?>()
        from vector in ArbMap.Default.GeneratorFor<float>().ArrayOf(Samples.Dimension)
        select new object?[] { Sound(id), day, rank, value, new ReadOnlyMemory<float>(vector) };

    /// <summary>Formats of files, which have an end that tells a whole one from one that was cut off.</summary>
    public static TheoryData<ColumnarFormat> Formats => [ColumnarFormat.Parquet, ColumnarFormat.Arrow];

    /// <summary>These and the stream, which may end behind any block.</summary>
    public static TheoryData<ColumnarFormat> AllFormats => [ColumnarFormat.Parquet, ColumnarFormat.Arrow, ColumnarFormat.ArrowStream];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(AllFormats))]
    public void Rows_come_back_as_they_were_and_make_the_same_bytes_again(ColumnarFormat format) =>
        Prop.ForAll(s_rows.ListOf().ToArbitrary(), rows =>
        {
            byte[] file = Samples.Write(format, rows);
            Assert.Equal(file, Samples.Write(format, rows));
            Assert.Equal(rows.Select(Samples.Text), Samples.Read(format, file, Token));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [MemberData(nameof(Formats))]
    public void Many_blocks_come_back_in_their_order(ColumnarFormat format)
    {
        // Two blocks and a bit: rows of so few bytes go 131,072 to a block.
        object?[][] rows = [.. Enumerable.Range(0, 270_000).Select(Samples.Row)];
        byte[] file = Samples.Write(format, rows);
        Assert.Equal(rows.Select(Samples.Text), Samples.Read(format, file, Token));
        Assert.Equal(file, Samples.Write(format, rows, writesBehind: true));
    }

    [Theory]
    [MemberData(nameof(AllFormats))]
    public void A_file_says_what_its_columns_and_metadata_are_and_gives_those_that_are_asked_for(ColumnarFormat format)
    {
        using var file = new MemoryStream(Samples.Write(format, Enumerable.Range(0, 3).Select(Samples.Row)));
        using var reader = new ColumnarReader(format, file, "table");
        Assert.Equal(Samples.Columns.Select(column => column.Name), reader.Columns);
        foreach (var (key, value) in Samples.Metadata)
            Assert.Equal(value, reader.Metadata[key]);
        using var block = Assert.Single(reader.Blocks([4, 0], Token));
        Assert.Equal([1, -1 / 3f, 0.5f], block.Columns[0].Vector(1));
        Assert.Equal("é000001", block.Columns[1].Text(1));
    }

    [Fact]
    public void Arrow_files_of_others_may_have_dictionaries_long_offsets_and_compressed_buffers()
    {
        var ids = new StringArray.Builder().Append("A").Append("B").Build();
        var places = new Int8Array.Builder().Append(1).AppendNull().Append(0).Build();
        var dictionary = new DictionaryArray(new DictionaryType(Int8Type.Default, StringType.Default, false), places, ids);
        var times = new TimestampArray.Builder(TimeUnit.Nanosecond).Append(new DateTimeOffset(2024, 1, 2, 0, 0, 0, TimeSpan.Zero))
            .Append(new DateTimeOffset(2024, 1, 2, 9, 30, 0, TimeSpan.Zero)).AppendNull().Build();
        var vectors = new ListArray.Builder(DoubleType.Default);
        var numbers = (DoubleArray.Builder)vectors.ValueBuilder;
        vectors.Append();
        numbers.Append(0.1).Append(2);
        vectors.Append();
        numbers.AppendNull();
        vectors.AppendNull();
        IArrowArray[] columns = [dictionary, times, vectors.Build()];
        var schema = new Schema([.. columns.Select((column, i) => new Field($"c{i}", column.Data.DataType, true))], null);
        foreach (var codec in (CompressionCodecType?[])[null, CompressionCodecType.Lz4Frame, CompressionCodecType.Zstd])
        {
            using var file = new MemoryStream();
            using (var writer = new ArrowFileWriter(file, schema, leaveOpen: true, new IpcOptions { CompressionCodec = codec, CompressionCodecFactory = new CompressionCodecFactory() }))
            {
                writer.WriteRecordBatch(new RecordBatch(schema, columns, 3));
                writer.WriteEnd();
            }
            var rows = Samples.Read(ColumnarFormat.Arrow, file.ToArray(), Token);
            Assert.Equal(["B", "-", "A"], rows.Select(row => row[0]));
            Assert.Equal(["2024-01-02", "2024-01-02 09:30:00", "-"], rows.Select(row => row[1]));
            Assert.Equal(Samples.Text([new ReadOnlyMemory<float>([0.1f, 2])])[0], rows[0][2]);
            Assert.StartsWith("[", rows[1][2], StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_vector_of_another_length_is_an_error_of_the_program(ColumnarFormat format)
    {
        using var file = new MemoryStream();
        using var writer = new ColumnarWriter(format, file, [Column.Vector("v", 2)], Samples.Metadata);
        Assert.Throws<ArgumentException>(() => writer.Write(new ReadOnlyMemory<float>([1])));
        Assert.Throws<ArgumentException>(() => writer.Write("a", "b"));
    }

    // Halves of characters have no form in UTF-8.
    private static string? Sound(string? text) => text is null ? null : new string([.. text.Where(character => !char.IsSurrogate(character))]);
}
