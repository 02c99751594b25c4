using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Prometheus.Grid.Core.Errors;
using Prometheus.Grid.Storage.Folder.Files;

namespace Prometheus.Grid.Storage.Folder.Npy;

/// <summary>A matrix read from a .npy file.</summary>
/// <param name="Rows">Number of rows; 1 for a one-dimensional array.</param>
/// <param name="Columns">Length of a row, at least 1.</param>
/// <param name="Values">Rows × columns values, row by row, all finite.</param>
public sealed record NpyMatrix(int Rows, int Columns, ReadOnlyMemory<float> Values);

/// <summary>Reads and writes NumPy array files of float32; float64 is read too and rounded.</summary>
public static class NpyFile
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">A .npy file of one or two dimensions in C order.</param>
    /// <param name="cancellationToken">Ends the read early.</param>
    /// <exception cref="NotFoundException">There is no such file.</exception>
    /// <exception cref="BadInputException">It is broken, of another kind, or holds NaN or infinity; no more is read than its length.</exception>
    public static async Task<NpyMatrix> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return Parse(await File.ReadAllBytesAsync(path, cancellationToken), path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new NotFoundException("file", path);
        }
        catch (Exception error) when (FileFault.IsFileError(error))
        {
            throw FileFault.From($"cannot read {path}", error);
        }
    }

    /// <summary>Reads the bytes of a file.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">What to call it in errors.</param>
    /// <exception cref="BadInputException">As <see cref="ReadAsync"/>.</exception>
    public static NpyMatrix Parse(ReadOnlySpan<byte> file, string name)
    {
        var header = NpyHeader.Read(file, name);
        CheckLength(header, file.Length, name);
        float[] values = new float[header.Rows * header.Columns];
        var data = file[header.Length..];
        if (header.ItemSize == sizeof(float))
        {
            data.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        }
        else
        {
            for (int i = 0; i < values.Length; i++)
                values[i] = (float)BinaryPrimitives.ReadDoubleLittleEndian(data[(i * sizeof(double))..]);
        }
        int bad = FloatChecks.IndexOfNonFinite(values);
        if (bad >= 0)
            throw new BadInputException($"{name} row {bad / header.Columns} column {bad % header.Columns}", values[bad], "a finite float32");
        return new NpyMatrix(header.Rows, header.Columns, values);
    }

    /// <summary>Writes a matrix atomically; <c>numpy.load</c> opens it.</summary>
    /// <param name="path">The file, replaced when it exists.</param>
    /// <param name="values">Rows × <paramref name="columns"/> values, row by row.</param>
    /// <param name="columns">Length of a row, at least 1.</param>
    /// <param name="cancellationToken">Ends the write early; the file is then as before.</param>
    public static async Task WriteAsync(string path, ReadOnlyMemory<float> values, int columns, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        string temporary = path + DurableFile.TemporarySuffix;
        try
        {
            using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write, FileShare.None, FileOptions.Asynchronous))
            {
                byte[] header = new byte[NpyHeader.WrittenLength];
                NpyHeader.Write(header, values.Length / columns, columns);
                await RandomAccess.WriteAsync(file, header, 0, cancellationToken);
                await Task.Run(() => RandomAccess.Write(file, MemoryMarshal.AsBytes(values.Span), header.Length), cancellationToken);
                RandomAccess.FlushToDisk(file);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error)
        {
            DurableFile.TryDelete(temporary);
            if (!FileFault.IsFileError(error))
                throw;
            throw FileFault.From($"cannot write {path}", error);
        }
    }

    /// <summary>Checks that a file is exactly as long as its header says.</summary>
    internal static void CheckLength(NpyHeader header, long actual, string name)
    {
        if (actual != header.FileLength)
            throw new BadInputException($"{name} length", actual, $"{header.FileLength} bytes, as its shape ({header.Rows}, {header.Columns}) needs");
    }
}
