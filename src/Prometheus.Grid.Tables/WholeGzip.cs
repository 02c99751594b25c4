using System.IO.Compression;
using Microsoft.Win32.SafeHandles;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Tables;

/// <summary>
/// Unpacks a gzip file whole: every member to its last byte, and nothing behind the last but NULs, which tapes and block devices pad with.
/// .NET alone takes an archive that was cut off for one that ended, and stops in silence at the first bytes that begin no member.
/// </summary>
internal sealed class WholeGzip : ReadOnlyStream
{
    private const string Allowed = "a whole gzip file: every member complete, and nothing behind the last";

    // In padded files the last member ends so near to the last byte that is not NUL: a trailer has eight bytes.
    private const int Bytewise = 64;

    // An empty member. Put behind the file, it is unpacked if and only if the file's own members reach to its end.
    private static readonly byte[] s_endMark = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private readonly string _path;
    private readonly FileBytes _packed;
    private readonly GZipStream _text;
    private readonly long _contentEnd;
    private readonly bool _isPadded;

    // Documented with GZipStream as a switch of the process, off only for compatibility; it must be set before the first archive is opened.
    // Programs of ours set it in their runtime configuration, this line does where the library is used by others.
    static WholeGzip() => AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);

    /// <summary>Begins to unpack.</summary>
    /// <param name="file">The file; its owner disposes it after this.</param>
    /// <param name="path">Its name, for errors.</param>
    public WholeGzip(SafeFileHandle file, string path)
    {
        _path = path;
        _contentEnd = ContentEnd(file);
        if (_contentEnd == 0)
            throw new BadInputException(path, "empty", Allowed);
        _isPadded = _contentEnd < RandomAccess.GetLength(file);
        _packed = new FileBytes(file, _isPadded ? Math.Max(0, _contentEnd - Bytewise) : long.MaxValue, s_endMark);
        _text = new GZipStream(_packed, CompressionMode.Decompress);
    }

    /// <inheritdoc/>
    /// <exception cref="BadInputException">The archive is cut off, damaged, or followed by something else.</exception>
    public override int Read(Span<byte> buffer)
    {
        try
        {
            int count = _text.Read(buffer);
            if (count == 0 && buffer.Length > 0 && !_packed.IsExhausted && !(_isPadded && _packed.Position > _contentEnd))
                throw new BadInputException(_path, "followed by something that is no gzip member", Allowed);
            return count;
        }
        catch (InvalidDataException error)
        {
            throw new BadInputException(_path, error.Message, Allowed, error);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _text.Dispose();
        base.Dispose(disposing);
    }

    private static long ContentEnd(SafeFileHandle file)
    {
        byte[] block = new byte[4096];
        for (long end = RandomAccess.GetLength(file); end > 0;)
        {
            int count = (int)Math.Min(block.Length, end);
            int read = RandomAccess.Read(file, block.AsSpan(0, count), end - count);
            int last = block.AsSpan(0, read).LastIndexOfAnyExcept((byte)0);
            if (last >= 0)
                return end - count + last + 1;
            end -= count;
        }
        return 0;
    }
}
