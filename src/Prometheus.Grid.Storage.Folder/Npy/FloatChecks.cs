using System.Numerics;

namespace Prometheus.Grid.Storage.Folder.Npy;

/// <summary>Looks for values that no stored vector may hold.</summary>
internal static class FloatChecks
{
    /// <summary>The first NaN or infinity, or -1.</summary>
    public static int IndexOfNonFinite(ReadOnlySpan<float> values)
    {
        int i = 0;
        // A finite value minus itself is 0; NaN and infinity give NaN, which equals nothing.
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var block = new Vector<float>(values[i..]);
            if (!Vector.EqualsAll(block - block, Vector<float>.Zero))
                break;
        }
        for (; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
                return i;
        }
        return -1;
    }
}
