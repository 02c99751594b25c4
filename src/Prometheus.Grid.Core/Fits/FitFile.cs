using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Prometheus.Grid.Core.Errors;

namespace Prometheus.Grid.Core.Fits;

/// <summary>
/// The file format of everything that is fitted: named arrays behind one header and before one checksum. Layout, little-endian:
/// the magic <c>PGFIT001</c>; the as-of date as a day number (int32, 0 for a fit without one); the number of sections (int32); each section
/// as its name (length int32, UTF-8), element size (int32), number of bytes (int32) and bytes; SHA-256 of all bytes before.
/// </summary>
public sealed class FitFile
{
    private const int ChecksumLength = 32;

    private static ReadOnlySpan<byte> Magic => "PGFIT001"u8;

    private readonly SortedDictionary<string, (int ElementSize, byte[] Bytes)> _sections = new(StringComparer.Ordinal);

    /// <summary>Starts a fit.</summary>
    /// <param name="asOf">The last date it knew; the minimum date for a fit without one.</param>
    public FitFile(DateOnly asOf) => AsOf = asOf;

    /// <summary>The last date it knew.</summary>
    public DateOnly AsOf { get; }

    /// <summary>Adds an array.</summary>
    public FitFile Add<T>(string name, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Fits are written on little-endian machines only.");
        _sections.Add(name, (Marshal.SizeOf<T>(), MemoryMarshal.AsBytes(values).ToArray()));
        return this;
    }

    /// <summary>Adds lines of text, none of which holds a line feed.</summary>
    public FitFile Add(string name, IEnumerable<string> lines) => Add<byte>(name, Encoding.UTF8.GetBytes(string.Join('\n', lines)));

    /// <summary>An array that was added under <paramref name="name"/>.</summary>
    /// <exception cref="GridFaultException">The fit has no such array of this type.</exception>
    public T[] Get<T>(string name)
        where T : unmanaged =>
        _sections.TryGetValue(name, out var section) && section.ElementSize == Marshal.SizeOf<T>()
            ? MemoryMarshal.Cast<byte, T>(section.Bytes).ToArray()
            : throw new GridFaultException($"the fit of {DateRange.Text(AsOf)} has no section '{name}' of {typeof(T).Name}; it is of another version");

    /// <summary>Lines that were added under <paramref name="name"/>.</summary>
    /// <exception cref="GridFaultException">The fit has no such section.</exception>
    public string[] Lines(string name) => Get<byte>(name) is { Length: > 0 } bytes ? Encoding.UTF8.GetString(bytes).Split('\n') : [];

    /// <summary>Writes the file; equal fits have equal bytes.</summary>
    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Magic);
            writer.Write(AsOf.DayNumber);
            writer.Write(_sections.Count);
            foreach ((string name, (int elementSize, byte[] bytes)) in _sections)
            {
                byte[] label = Encoding.UTF8.GetBytes(name);
                writer.Write(label.Length);
                writer.Write(label);
                writer.Write(elementSize);
                writer.Write(bytes.Length);
                writer.Write(bytes);
            }
        }
        stream.Write(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
        return stream.ToArray();
    }

    /// <summary>Reads a file.</summary>
    /// <param name="content">The bytes of <see cref="ToBytes"/>.</param>
    /// <param name="what">Names the file in errors.</param>
    /// <exception cref="GridFaultException">The bytes are damaged or no fit.</exception>
    public static FitFile Read(ReadOnlySpan<byte> content, string what)
    {
        if (content.Length < Magic.Length + ChecksumLength || !content.StartsWith(Magic))
            throw new GridFaultException($"{what} is no fit: it does not start with {Encoding.ASCII.GetString(Magic)}");
        var body = content[..^ChecksumLength];
        if (!SHA256.HashData(body).AsSpan().SequenceEqual(content[^ChecksumLength..]))
            throw new GridFaultException($"{what} is damaged: its checksum does not match; fit it again");

        // Behind a good checksum the lengths are those that were written.
        int position = Magic.Length;
        var fit = new FitFile(DateOnly.FromDayNumber(Int32(body, ref position)));
        for (int count = Int32(body, ref position); count > 0; count--)
        {
            string name = Encoding.UTF8.GetString(Bytes(body, ref position));
            int elementSize = Int32(body, ref position);
            fit._sections.Add(name, (elementSize, Bytes(body, ref position).ToArray()));
        }
        return fit;
    }

    private static int Int32(ReadOnlySpan<byte> body, ref int position)
    {
        position += sizeof(int);
        return BinaryPrimitives.ReadInt32LittleEndian(body[(position - sizeof(int))..]);
    }

    private static ReadOnlySpan<byte> Bytes(ReadOnlySpan<byte> body, ref int position)
    {
        int length = Int32(body, ref position);
        position += length;
        return body.Slice(position - length, length);
    }
}
