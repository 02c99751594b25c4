using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Storage.Folder.Npy;
using Xunit;

namespace Prometheus.Grid.Storage.Folder.Tests;

public sealed class NpyFileTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_matrix_is_read_as_it_was_written()
    {
        using var folder = new TestFolder();
        float[] values = [1.5f, -0f, float.Epsilon, float.MinValue, 3, 4];
        await NpyFile.WriteAsync(folder.File("m.npy"), values, 3, Token);
        var read = await NpyFile.ReadAsync(folder.File("m.npy"), Token);
        Assert.Equal((2, 3), (read.Rows, read.Columns));
        Assert.Equal(values.Select(BitConverter.SingleToInt32Bits), read.Values.ToArray().Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public void The_header_is_the_one_that_numpy_save_writes()
    {
        // numpy.save(f, numpy.zeros((10000, 384), "<f4")) with NumPy 1.24.
        string expected = "\u0093NUMPY\u0001\0v\0{'descr': '<f4', 'fortran_order': False, 'shape': (10000, 384), }".PadRight(127) + "\n";
        byte[] header = new byte[NpyHeader.WrittenLength];
        NpyHeader.Write(header, 10_000, 384);
        Assert.Equal(expected, System.Text.Encoding.Latin1.GetString(header));
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 2, 3, 4)]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)}", 2, 3, 8)]
    [InlineData("{\"shape\":(3,),\"fortran_order\":True,\"descr\":\"<f4\"}", 1, 3, 4)]
    [InlineData("  { 'descr' : '<f4' , 'fortran_order' : False , 'shape' : ( 0 , 3 ) , }  \n", 0, 3, 4)]
    public void Headers_of_other_writers_are_read(string text, int rows, int columns, int itemSize)
    {
        foreach (byte version in new byte[] { 1, 2, 3 })
        {
            var header = NpyHeader.Read(File(version, text, 0), "x.npy");
            Assert.Equal((rows, columns, itemSize), (header.Rows, header.Columns, header.ItemSize));
        }
    }

    [Theory]
    [InlineData("", "header")]
    [InlineData("{}", "header")]
    [InlineData("{'descr': '<f4', 'fortran_order': False}", "header")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", "header")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'more': 1}", "header")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, -3)}", "header")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2 3)}", "header")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)} + 1", "header")]
    [InlineData("{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3)}", "header")]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3)}", "<f4")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (2, 3)}", "<f4")]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3)}", "ascontiguousarray")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 4)}", "one or two dimensions")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': ()}", "one or two dimensions")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 0)}", "at least one value")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (9000000000, 9000000000)}", "at most")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 2147483647)}", "at most")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 1)}", "header")]
    public void A_header_that_is_no_matrix_is_refused(string text, string expected)
    {
        var error = Assert.Throws<BadInputException>(() => NpyFile.Parse(File(1, text, 24), "x.npy"));
        Assert.Contains("x.npy", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(23)]
    [InlineData(25)]
    [InlineData(0)]
    public void A_file_of_another_length_than_its_shape_is_refused(int bytes)
    {
        byte[] file = File(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", bytes);
        Assert.Contains("length", Assert.Throws<BadInputException>(() => NpyFile.Parse(file, "x.npy")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_double_is_rounded_and_one_beyond_float_is_refused()
    {
        byte[] file = File(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}", 16);
        BinaryPrimitives.WriteDoubleLittleEndian(file.AsSpan(^16), 0.1);
        Assert.Equal([0.1f, 0f], NpyFile.Parse(file, "x.npy").Values.ToArray());
        BinaryPrimitives.WriteDoubleLittleEndian(file.AsSpan(^8), 1e300);
        Assert.Contains("row 0 column 1", Assert.Throws<BadInputException>(() => NpyFile.Parse(file, "x.npy")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_not_found()
    {
        await Assert.ThrowsAsync<NotFoundException>(() => NpyFile.ReadAsync("/nowhere/at/all.npy", Token));
    }

    [Fact]
    public void Nothing_but_bad_input_comes_of_a_mutated_file()
    {
        // Memory is bounded by the file: a shape that promises more than the file holds is refused before anything is allocated.
        byte[] sound = File(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 24);
        var mutated =
            from cut in Gen.Choose(0, sound.Length)
            from edits in Gen.Choose(0, sound.Length - 1).Zip(Gen.Choose(0, 255)).ListOf(4)
            from keep in Gen.Elements(true, true, true, false)
            select Mutate(sound, keep ? sound.Length : cut, edits);
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(20_000),
            Prop.ForAll(mutated.ToArbitrary(), file =>
            {
                try
                {
                    var matrix = NpyFile.Parse(file, "x.npy");
                    return matrix.Values.Length == matrix.Rows * matrix.Columns && matrix.Values.Length <= file.Length;
                }
                catch (BadInputException)
                {
                    return true;
                }
            }));
    }

    private static byte[] Mutate(byte[] sound, int length, IEnumerable<(int At, int Value)> edits)
    {
        byte[] copy = [.. sound];
        foreach ((int at, int value) in edits)
            copy[at] = (byte)value;
        return copy[..length];
    }

    private static byte[] File(byte version, string header, int dataLength)
    {
        byte[] length = new byte[version == 1 ? 2 : 4];
        if (version == 1)
            BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)header.Length);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)header.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. System.Text.Encoding.Latin1.GetBytes(header), .. new byte[dataLength]];
    }
}
